import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ExportColumn } from "./contract.ts";
import { partPath } from "./part-file.ts";

const types: Partial<Record<ExportColumn, string>> = {
  id: "BIGINT",
  created_at: "TIMESTAMPTZ",
  transaction_id: "UBIGINT",
};

/** An entry that is longer as CSV fails the export rather than be cut. */
const lineBytesMax = 8 << 20;

/**
 * Turns the entries, printed by PostgreSQL as CSV, into one Parquet file beside them: times and numbers as such, everything else
 * as text, JSON exactly as PostgreSQL printed it. Memory is bounded; an interrupted attempt leaves no file under the name.
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
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: "512MB",
    temp_directory: `${path}.spill`,
  });
  const connection = await instance.connect();
  const stop = () => connection.interrupt();
  signal.addEventListener("abort", stop);
  try {
    const names = [...columns, "database"].map((name) => `'${name}': '${typeOf(name)}'`).join(", ");
    const result = await connection.run(
      `COPY (SELECT * FROM read_csv(${sqlText(await partPath(csv))}, header = false, auto_detect = false, delim = ',', quote = '"',
                                    escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = ${lineBytesMax}, buffer_size = ${lineBytesMax * 8},
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
