import { Refusal } from "../../errors.ts";
import { type Archive, archiveOf } from "../archive/registry.ts";
import { coldFile } from "../cold/file.ts";
import { withLaidOut } from "../cold/laid-out.ts";
import { type Copied, type CopySlice, copySlice, print } from "./copy-slice.ts";
import type { Slice } from "./slices.ts";

/** Prints an archived month as if it had never left. Entries that the log took for that month since follow it. */
export async function copyCold(task: CopySlice, cold: NonNullable<Slice["cold"]>): Promise<Copied> {
  const { share, signal, zone } = task;
  const archive = await stillStanding(share, cold);
  const archived = await withLaidOut(await coldFile(archive, signal), signal, async (client) => {
    await client.query("SELECT set_config('TimeZone', $1, false), set_config('jit', 'off', false)", [zone]);
    return print(client, "pg_temp.audit_logs", share.matching, task);
  });
  if (share.left) return archived;
  const since = await copySlice(task);
  return { rows: archived.rows + since.rows, first: archived.first ?? since.first, last: since.last ?? archived.last };
}

async function stillStanding(
  share: CopySlice["share"],
  { month, sha256 }: { month: string; sha256: string },
): Promise<Archive> {
  const archive = await archiveOf(share.id, month);
  if (archive?.sha256 === sha256 && (archive.state === "cold" || share.left)) return archive;
  throw new Refusal("conflict", `The archived month ${month} of ${share.name} changed while it was exported.`, {
    fix: "It was brought back, rewritten or removed meanwhile. Start the export again.",
  });
}
