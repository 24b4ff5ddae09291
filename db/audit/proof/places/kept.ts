import { isNull } from "drizzle-orm";
import { control } from "../../../control.ts";
import { checkpointPlaces } from "../../../schema/proof.ts";
import { failureWords } from "../../stream/failure-words.ts";
import { publishedCheckpoints } from "../publish.ts";
import { openedTarget } from "./deliver-due.ts";
import { openPlace } from "./open.ts";

export interface KeptCheckpoints {
  notes: string[];
  /** A sentence for each place that could not be read. */
  unread: string[];
}

/** What a log is compared with: checkpoints as they lie in the console's own store, and in every folder and bucket now. */
export async function keptCheckpoints(databaseId: string): Promise<KeptCheckpoints> {
  const kept: KeptCheckpoints = { notes: await publishedCheckpoints(databaseId), unread: [] };
  const places = await control().select().from(checkpointPlaces).where(isNull(checkpointPlaces.removedAt));
  for (const place of places) {
    try {
      const store = await openPlace(openedTarget(place));
      if (store) kept.notes.push(...(await publishedCheckpoints(databaseId, store)));
    } catch (error) {
      kept.unread.push(`The checkpoints in ${place.name} were not compared: ${failureWords(error)}`);
    }
  }
  return kept;
}
