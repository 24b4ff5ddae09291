import { join } from "node:path";
import type { RowReader } from "../../copy/rows.ts";
import { Refusal } from "../../errors.ts";
import { objectStore } from "../../objects/configured.ts";
import { fetchObject } from "../../objects/digest.ts";
import type { Archive } from "../archive/registry.ts";
import { withScratch } from "../archive/scratch.ts";
import { withLaidOut } from "../cold/laid-out.ts";
import { printRows } from "./rows.ts";

/**
 * Hands on the rows of an archived month (`rows` follows WHERE), read from where its file lies now: a copy that this machine keeps
 * of it would hide what became of it. Answers what is wrong with the file, or null. A file that is not what was stored is not
 * opened: whoever changed it may have made it to break its reader.
 */
export function printArchived(
  archive: Archive,
  rows: string,
  signal: AbortSignal,
  reader: RowReader,
): Promise<string | null> {
  const { key, sha256, bytes } = archive;
  return withScratch(async (folder) => {
    const file = join(folder, "month.parquet");
    try {
      await fetchObject(objectStore(), key, file, { sha256, bytes: Number(bytes) }, signal);
    } catch (error) {
      if (error instanceof Refusal && (error.code === "conflict" || error.code === "not_found")) return error.message;
      throw error;
    }
    await withLaidOut(file, signal, async (client) => {
      await client.query("BEGIN");
      await printRows(client, `pg_temp.audit_logs WHERE ${rows}`, signal, reader);
      await client.query("COMMIT");
    });
    return null;
  });
}
