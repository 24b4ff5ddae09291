import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ExportColumn } from "./contract.ts";
import { longestRecord } from "./longest-record.ts";
import { partPath } from "./part-file.ts";

const types: Partial<Record<ExportColumn, string>> = {
  id: "BIGINT",
  created_at: "TIMESTAMPTZ",
  transaction_id: "UBIGINT",
};

/** Room for a record, whatever the longest is. */
const recordBytesMin = 8 << 20;

/** What DuckDB may take beside the records that it holds at once. */
const memoryMiB = 512;

/** How many records there is room for while they are read, and while they are written. */
const [recordsRead, recordsHeld] = [8, 32];

/**
 * Turns the entries, printed by PostgreSQL as CSV, into one Parquet file beside them: times and numbers as such, everything else
 * as text, JSON exactly as PostgreSQL printed it. Memory is bounded by the longest entry; an interrupted attempt leaves no file under the name.
 */
export async function toParquet(
  csv: string,
  columns: readonly ExportColumn[],
  exportId: string,
  signal: AbortSignal,
): Promise<{ file: string; rows: number }> {
  const file = `${csv.replace(/\.part$/, "")}.parquet.part`;
  const path = await partPath(file);
  const draft = `${path}.${randomBytes(4).toString("hex")}.part`;
  const recordBytes = Math.max(recordBytesMin, await longestRecord(await partPath(csv), signal));
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: `${memoryMiB + Math.ceil(((recordBytes - recordBytesMin) * recordsHeld) / 2 ** 20)}MiB`,
    temp_directory: `${path}.spill`,
  });
  const connection = await instance.connect();
  const stop = () => connection.interrupt();
  signal.addEventListener("abort", stop);
  try {
    const names = [...columns, "database"].map((name) => `'${name}': '${typeOf(name)}'`).join(", ");
    const result = await connection.run(
      `COPY (SELECT * FROM read_csv(${sqlText(await partPath(csv))}, header = false, auto_detect = false, delim = ',', quote = '"',
                                    escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = ${recordBytes}, buffer_size = ${recordBytes * recordsRead},
                                    columns = {${names}}))
         TO ${sqlText(draft)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 50000,
                               KV_METADATA {caretaker_export: '${exportId}'})`,
    );
    const rows = Number((await result.getRows())[0]?.[0] ?? 0);
    await rename(draft, path);
    return { file, rows };
  } finally {
    signal.removeEventListener("abort", stop);
    connection.closeSync();
    instance.closeSync();
    await rm(draft, { force: true });
    await rm(`${path}.spill`, { recursive: true, force: true });
  }
}

function typeOf(column: string): string {
  return Object.entries(types).find(([name]) => name === column)?.[1] ?? "VARCHAR";
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
