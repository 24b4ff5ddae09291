import { join } from "node:path";
import { Refusal } from "../../errors.ts";
import { consoleDatabase } from "../../fleet.ts";
import { withConnection } from "../archive/connection.ts";
import { copyIn } from "../archive/content.ts";
import { toCsv } from "../archive/parquet.ts";
import { type Archive, archiveOf } from "../archive/registry.ts";
import { withScratch } from "../archive/scratch.ts";
import { withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { type Copied, type CopySlice, copySlice, print } from "./copy-slice.ts";
import type { Slice } from "./slices.ts";

/**
 * Prints an archived month: it is laid into a temporary table of the control database, so that the same PostgreSQL prints it by
 * the same statement as if it had never left. Entries that the log took for that month since follow it.
 */
export async function copyCold(task: CopySlice, cold: NonNullable<Slice["cold"]>): Promise<Copied> {
  const { share, signal, zone } = task;
  const archive = await stillStanding(share, cold);
  const archived = await withScratch(async (folder) => {
    const csv = join(folder, "month.csv");
    const parquet = await coldFile(archive, signal);
    await withDuck({ memory: "256MB", threads: 1, signal, folder }, (duck) => toCsv(duck, parquet, csv));
    return withConnection(consoleDatabase, signal, async (client) => {
      await client.query("SELECT set_config('TimeZone', $1, false), set_config('jit', 'off', false)", [zone]);
      await client.query("CREATE TEMPORARY TABLE audit_logs (LIKE caretaker.audit_logs)");
      await copyIn(client, "pg_temp.audit_logs", csv);
      return print(client, "pg_temp.audit_logs", share.matching, task);
    });
  });
  const since = await copySlice(task);
  return { rows: archived.rows + since.rows, first: archived.first ?? since.first, last: since.last ?? archived.last };
}

async function stillStanding(
  share: CopySlice["share"],
  { month, sha256 }: { month: string; sha256: string },
): Promise<Archive> {
  const archive = await archiveOf(share.id, month);
  if (archive?.state === "cold" && archive.sha256 === sha256) return archive;
  throw new Refusal("conflict", `The archived month ${month} of ${share.name} changed while it was exported.`, {
    fix: "It was brought back, rewritten or removed meanwhile. Start the export again.",
  });
}
