import { type Actor, authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import type { Archive } from "../archive/registry.ts";
import type { AuditFilter, Silent } from "../contract.ts";
import { askedFilter, recordReading } from "../reading.ts";
import { countInFile } from "./ask-file.ts";
import type { FoundMonths } from "./contract.ts";
import { withDuck } from "./duck.ts";
import { coldFile } from "./file.ts";
import { type ColdLog, fromFiles } from "./log.ts";
import { coldMonths, coldTermsOf } from "./months.ts";

export interface Finding {
  signal: AbortSignal;
  onProgress(done: number, total: number, month: string): void;
}

/** Which archived months hold entries of a filter, so that a screen can be read together with them. Recorded as a search is. */
export async function findMonths(actor: Actor, filter: AuditFilter, finding: Finding): Promise<FoundMonths> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_archive", askedFilter(filter));
  const silent: Silent[] = [];
  const asked = await coldMonths(filter, silent);
  const terms = await coldTermsOf(asked, silent);
  const months = new Set<string>();
  let entries = 0;
  const archives = asked.map(({ archive }) => archive);
  await eachArchive(archives, finding, silent, async ({ duck }, archive, file) => {
    const count = await countInFile(duck, file, terms.get(archive.databaseId) ?? []);
    if (count > 0) months.add(archive.month);
    entries += count;
  });
  return { months: [...months].sort(), entries, silent };
}

/** Asks archived months one after the other. One that cannot be read is named in `silent`, and the others are asked all the same. */
export async function eachArchive(
  archives: readonly Archive[],
  { signal, onProgress }: Finding,
  silent: Silent[],
  ask: (log: ColdLog, archive: Archive, file: string) => Promise<void>,
): Promise<void> {
  for (const [index, archive] of archives.entries()) {
    signal.throwIfAborted();
    onProgress(index, archives.length, archive.month);
    try {
      const file = await coldFile(archive, signal);
      await withDuck({ memory: "512MB", threads: 2, signal }, (duck) =>
        ask({ duck, from: fromFiles([file]) }, archive, file),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { databaseId, databaseName, month } = archive;
      silent.push({ databaseId, name: `${databaseName} ${month}`, reason: error.message });
    }
  }
  onProgress(archives.length, archives.length, archives.at(-1)?.month ?? "");
}
