import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { digestFile } from "../../objects/digest.ts";
import { quoted } from "../cold/duck.ts";
import { archivedColumns, printedByDuck } from "./columns.ts";
import type { Content } from "./content.ts";

/** Small enough that a page of one record reads little, large enough to compress. */
const rowGroup = 40_960;

/** Makes a Parquet file of what PostgreSQL printed, in the same order. */
export async function toParquet(duck: DuckDBConnection, csv: string, content: Content, parquet: string): Promise<void> {
  const columns = archivedColumns.map(({ name, type }) => `${quoted(name)}: ${quoted(csvType(type))}`).join(", ");
  const selected = archivedColumns.map(({ name, type }) =>
    type === "TIMESTAMPTZ" ? `(${name} || '+00')::TIMESTAMPTZ AS ${name}` : name,
  );
  // Names and keys may hold a line break, so that a line as counted may be only a part of a record.
  const longest = Math.max(16 << 20, content.longest * 2 + (1 << 20));
  await duck.run(
    `COPY (SELECT ${selected.join(", ")}
             FROM read_csv(${quoted(csv)}, header = false, auto_detect = false, columns = {${columns}}, delim = ',', quote = '"',
                           escape = '"', nullstr = '\\N', allow_quoted_nulls = false, parallel = false, strict_mode = true,
                           new_line = '\\n', max_line_size = ${longest}))
       TO ${quoted(parquet)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup})`,
  );
}

/** Prints a Parquet file, or the rows that a condition leaves of it, exactly as PostgreSQL printed the entries in it. */
export async function toCsv(duck: DuckDBConnection, parquet: string, csv: string, where = "true"): Promise<void> {
  await duck.run(
    `COPY (SELECT ${printedByDuck} FROM read_parquet(${quoted(parquet)}, file_row_number = true) WHERE ${where})
       TO ${quoted(csv)} (${csvOptions})`,
  );
}

/** The SHA-256 of what such a condition leaves of a file, as printed. */
export async function printedSha256(
  duck: DuckDBConnection,
  parquet: string,
  folder: string,
  where: string,
): Promise<string> {
  const csv = join(folder, "printed.csv");
  await toCsv(duck, parquet, csv, where);
  return (await digestFile(csv)).sha256;
}

const csvOptions = `FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '\\N', FORCE_QUOTE *`;

export interface Summary {
  rows: string;
  firstAt: string | null;
  lastAt: string | null;
  firstId: string | null;
  lastId: string | null;
  /** The tables and tenants in it, of each at most 1,000. */
  tables: string[];
  tenants: string[];
  tenantsMore: boolean;
}

/** Of tables and of tenants. */
export const listedMax = 1_000;

/** What is in a file, for its manifest and for leaving it out of searches that it cannot answer. */
export async function summarise(duck: DuckDBConnection, parquet: string): Promise<Summary> {
  const at = (what: string) => `strftime(${what}(created_at) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  const reader = await duck.runAndReadAll(
    `SELECT count(*)::VARCHAR, ${at("min")}, ${at("max")}, arg_min(id, (created_at, id))::VARCHAR,
            arg_max(id, (created_at, id))::VARCHAR
       FROM read_parquet(${quoted(parquet)})`,
  );
  const [row = []] = reader.getRows();
  const [rows, firstAt, lastAt, firstId, lastId] = row.map((value) => (value === null ? null : String(value)));
  const list = async (expression: string, most: number) => {
    const found = await duck.runAndReadAll(
      `SELECT DISTINCT ${expression} AS one FROM read_parquet(${quoted(parquet)})
        WHERE one IS NOT NULL ORDER BY one LIMIT ${most}`,
    );
    return found.getRows().map(([value]) => String(value));
  };
  const tenants = await list("tenant_id", listedMax + 1);
  return {
    rows: rows ?? "0",
    firstAt: firstAt ?? null,
    lastAt: lastAt ?? null,
    firstId: firstId ?? null,
    lastId: lastId ?? null,
    tables: await list("concat_ws('.', resource_schema, resource_type)", listedMax),
    tenants: tenants.slice(0, listedMax),
    tenantsMore: tenants.length > listedMax,
  };
}

function csvType(type: (typeof archivedColumns)[number]["type"]): string {
  return type === "TIMESTAMPTZ" ? "VARCHAR" : type;
}

/** Writes what a query over a file gives, in the log's order, and answers the SHA-256 of what the query itself prints. */
export async function rewriteParquet(
  duck: DuckDBConnection,
  sql: string,
  values: string[],
  parquet: string,
  folder: string,
): Promise<string> {
  // COPY takes no parameters, a table does; it spills to the folder when it is large.
  await duck.run(`CREATE TEMP TABLE staying AS ${sql}`, values);
  const csv = join(folder, "staying.csv");
  await duck.run(
    `COPY (SELECT ${printedByDuck} FROM staying ORDER BY created_at, id) TO ${quoted(csv)} (${csvOptions})`,
  );
  await duck.run(
    `COPY (SELECT * FROM staying ORDER BY created_at, id) TO ${quoted(parquet)}
       (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup})`,
  );
  return (await digestFile(csv)).sha256;
}
