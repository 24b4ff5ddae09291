import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { archivesOf } from "../archive/registry.ts";
import { holdsTable } from "../cold/archives.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { pointer } from "../cold/images.ts";

/** A foreign key's table and columns, and the values by which its rows point at one record. */
export interface Pointing {
  schema: string;
  table: string;
  columns: readonly string[];
  values: readonly string[];
}

const recordsMax = 5_000;
const timeoutMs = 60_000;

/** The records whose entries say that they once pointed so, in the log and in its archived months; and what was not read. */
export async function findPointing(
  databaseId: string,
  pointing: Pointing,
): Promise<{ records: string[]; notReached: { where: string; why: string }[] }> {
  const notReached: { where: string; why: string }[] = [];
  const records = new Set<string>();
  const within = async (where: string, read: () => Promise<string[]>) => {
    try {
      for (const record of await read()) records.add(record);
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      if (!(error instanceof Refusal || late)) throw error;
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

function inPostgres(databaseId: string, { schema, table, columns, values }: Pointing): Promise<string[]> {
  const said = (image: string) =>
    columns.map((_, at) => `${image} ->> $${at + 3} = $${columns.length + at + 3}`).join(" AND ");
  return withDatabase(
    databaseId,
    async (client) => {
      const { rows } = await client.query<{ record: string }>(
        `SELECT DISTINCT resource_id AS record FROM caretaker.audit_logs
          WHERE resource_schema = $1 AND resource_type = $2 AND resource_id IS NOT NULL
            AND ((${said("old_values")}) OR (${said("new_values")}) OR (${said("changes")})) LIMIT ${recordsMax}`,
        [schema, table, ...columns, ...values],
      );
      return rows.map(({ record }) => record);
    },
    { timeoutMs },
  );
}

function inFile(file: string, { schema, table, columns, values }: Pointing, signal: AbortSignal): Promise<string[]> {
  const said = (image: string) =>
    columns
      .map((_, at) => `coalesce(json_extract_string(${image}, $${at + 3}) = $${columns.length + at + 3}, false)`)
      .join(" AND ");
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT DISTINCT resource_id FROM read_parquet(${quoted(file)})
        WHERE resource_schema = $1 AND resource_type = $2 AND resource_id IS NOT NULL
          AND ((${said("old_values")}) OR (${said("new_values")}) OR (${said("changes")})) LIMIT ${recordsMax}`,
      [schema, table, ...columns.map(pointer), ...values],
    );
    return reader.getRows().map(([record]) => String(record));
  });
}
