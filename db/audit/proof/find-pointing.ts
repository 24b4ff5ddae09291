import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { isInterruption } from "../../jobs/finish.ts";
import { archivesOf } from "../archive/registry.ts";
import { holdsTable } from "../cold/archives.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { pointer } from "../cold/images.ts";
import { Values } from "../conditions.ts";
import { archivedHoldsValue, holdsValue } from "./erasure-sql.ts";

/** A foreign key's table and columns, the values by which its rows point at one record, and what of them is personal. */
export interface Pointing {
  schema: string;
  table: string;
  columns: readonly string[];
  values: readonly string[];
  personal: readonly string[];
}

const recordsMax = 5_000;
const timeoutMs = 60_000;

/**
 * The records whose entries say that they once pointed so and hold personal values still, in the log and in its archived months; and
 * what was not read. Of what was erased no entry is found again, so that a search after it gets to the records beyond its limit.
 */
export async function findPointing(
  databaseId: string,
  pointing: Pointing,
): Promise<{ records: string[]; notReached: { where: string; why: string }[] }> {
  const notReached: { where: string; why: string }[] = [];
  const records = new Set<string>();
  const within = async (where: string, read: () => Promise<string[]>) => {
    try {
      const found = await read();
      if (found.length > recordsMax) {
        const why = `More than ${recordsMax} records that are gone pointed at the person; the first of them are listed. Search again once these are erased.`;
        notReached.push({ where, why });
      }
      for (const record of found.slice(0, recordsMax)) records.add(record);
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      if (isInterruption(error) || !(error instanceof Refusal || late)) throw error;
      notReached.push({ where, why: late ? "It was not read within its time." : error.message });
    }
  };
  const about = `entries of ${pointing.schema}.${pointing.table}`;
  await within(`${about} in PostgreSQL`, () => inPostgres(databaseId, pointing));
  for (const archive of await archivesOf([databaseId])) {
    if (!holdsTable(archive, pointing)) continue;
    await within(`${about} in the archived month ${archive.month}`, async () => {
      const signal = AbortSignal.timeout(timeoutMs);
      return inFile(await coldFile(archive, signal), pointing, signal);
    });
  }
  return { records: [...records].toSorted(), notReached };
}

function inPostgres(databaseId: string, pointing: Pointing): Promise<string[]> {
  const values = new Values();
  const places = pointing.columns.map((column, at) => [values.add(column), values.add(pointing.values[at])] as const);
  const said = (image: string) => places.map(([column, value]) => `${image} ->> ${column} = ${value}`).join(" AND ");
  const where = pointsSql(values, pointing, said);
  return withDatabase(
    databaseId,
    async (client) => {
      const { rows } = await client.query<{ record: string }>(
        `SELECT DISTINCT resource_id COLLATE "C" AS record FROM caretaker.audit_logs
          WHERE ${where} AND ${holdsValue(values, pointing.personal)} ORDER BY 1 LIMIT ${recordsMax + 1}`,
        values.list,
      );
      return rows.map(({ record }) => record);
    },
    { timeoutMs },
  );
}

function inFile(file: string, pointing: Pointing, signal: AbortSignal): Promise<string[]> {
  const values = new Values();
  const places = pointing.columns.map(
    (column, at) => [values.add(pointer(column)), values.add(pointing.values[at])] as const,
  );
  const said = (image: string) =>
    places
      .map(([column, value]) => `coalesce(json_extract_string(${image}, ${column}) = ${value}, false)`)
      .join(" AND ");
  const where = pointsSql(values, pointing, said);
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT DISTINCT resource_id FROM read_parquet(${quoted(file)})
        WHERE ${where} AND ${archivedHoldsValue(values, pointing.personal)} ORDER BY 1 LIMIT ${recordsMax + 1}`,
      values.list.map(String),
    );
    return reader.getRows().map(([record]) => String(record));
  });
}

/** SQL: an entry of that table, one of whose images points so. */
function pointsSql(values: Values, { schema, table }: Pointing, said: (image: string) => string): string {
  const images = ["old_values", "new_values", "changes"].map((image) => `(${said(image)})`);
  return `resource_schema = ${values.add(schema)} AND resource_type = ${values.add(table)} AND resource_id IS NOT NULL
            AND (${images.join(" OR ")})`;
}
