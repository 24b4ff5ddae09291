import { eq } from "drizzle-orm";
import pg from "pg";
import { control } from "../control.ts";
import { type ForeignKey, foreignKeysOf, type TableName } from "../managed/foreign-keys.ts";
import { knownByColumns } from "../managed/sql/025-known-by.ts";
import { managedTables } from "../schema/fleet.ts";
import { castableTo, readableKeyType } from "./actor-names.ts";
import type { Archived } from "./cold/log.ts";
import { ExactNumber, parseRow } from "./lossless.ts";
import { parentRecord, type RowImage, recordAddress } from "./names-as-of-keys.ts";
import { type ImageAt, imagesAt, type Moment } from "./record-at-images.ts";

/** What a foreign key pointed at, by the name that it had then. */
export interface NamedReference extends TableName {
  record: string;
  /** What stands in the column; of a composite key only a part of the record's key. */
  value: string;
  /** Null where it had no name, or only a masked one. */
  name: string | null;
  /** past: from the log. former: it had gone by then, or went together with the row, and was called so when it went. present: nothing was recorded about it, so that the name is the live row's. absent: it did not exist then. unread: so as far as the log knows; archived months that were not read may tell otherwise. */
  known: "past" | "former" | "present" | "absent" | "unknown" | "unread";
}

/** A table as an administrator confirmed it. */
interface Confirmed extends TableName {
  key: string[];
  masked: string[];
}

/** By column, what each row's foreign keys pointed at, as of a moment. Rows are of one table. */
export async function namesAsOf(
  client: pg.PoolClient,
  databaseId: string,
  table: TableName,
  rows: readonly RowImage[],
  moment: Moment,
  archived: Archived,
): Promise<Record<string, NamedReference[]>> {
  const keys = (await foreignKeysOf(client, [table])).filter(({ parentKey }) => parentKey.length > 0);
  const pointed = rows.flatMap((row) => keys.flatMap((key) => pointedAt(key, row)));
  const wanted = [...new Map(pointed.map((one) => [recordAddress(one, one.record), one])).values()];
  const images = await imagesAt(client, wanted, moment, archived);
  const confirmed = await confirmedTables(databaseId);
  const references = new Map<string, Omit<NamedReference, "value">>();
  for (const [at, one] of wanted.entries()) {
    const reference = await referenceOf(client, confirmed, one, images[at]);
    const doubted = (images[at]?.unread.length ?? 0) > 0;
    references.set(recordAddress(one, one.record), doubted ? { ...reference, known: "unread" } : reference);
  }
  const named: Record<string, NamedReference[]> = {};
  for (const one of pointed) {
    const reference = references.get(recordAddress(one, one.record));
    if (reference) named[one.column] = [...(named[one.column] ?? []), { ...reference, value: one.value }];
  }
  return named;
}

interface Pointed extends TableName {
  record: string;
  column: string;
  value: string;
}

/** Of a composite key the last column names the parent: the ones before it are most often the tenant's. */
function pointedAt(key: ForeignKey, row: RowImage): Pointed[] {
  const record = parentRecord(key, row);
  const column = key.columns.at(-1);
  if (record === null || column === undefined) return [];
  return [{ ...key.parent, record, column, value: String(row[column]) }];
}

async function referenceOf(
  client: pg.PoolClient,
  confirmed: readonly Confirmed[],
  { schema, table, record }: Pointed,
  image: ImageAt | undefined,
): Promise<Omit<NamedReference, "value">> {
  const reference = { schema, table, record };
  if (image?.state === "exists") return { ...reference, name: rowName(parseRow(image.values) ?? {}), known: "past" };
  if (image?.state === "gone") {
    const former = rowName(parseRow(image.former) ?? {});
    return { ...reference, name: former, known: image.former === null ? "absent" : "former" };
  }
  const shape = confirmed.find((one) => one.schema === schema && one.table === table);
  const name = shape ? await liveName(client, shape, record) : null;
  return { ...reference, name, known: name === null ? "unknown" : "present" };
}

/** What a row is called; never a masked value. */
export function rowName(row: RowImage): string | null {
  for (const column of knownByColumns) {
    const given = row[column];
    const value = typeof given === "number" || given instanceof ExactNumber ? String(given) : given;
    if (typeof value === "string" && value !== "" && !value.startsWith("masked:")) return value;
  }
  return null;
}

/** The name of a row that lives, where its table has one that is not masked and may be read. */
async function liveName(client: pg.PoolClient, table: Confirmed, record: string): Promise<string | null> {
  const [key, ...more] = table.key;
  if (key === undefined || more.length > 0 || table.masked.includes(key)) return null;
  const name = await nameColumn(client, table);
  if (name === null) return null;
  const type = await readableKeyType(client, { schema: table.schema, table: table.table, key, name });
  if (type === null || !castableTo(type, record)) return null;
  const { rows } = await client.query<{ name: string | null }>(
    `SELECT left(${pg.escapeIdentifier(name)}::text, 200) AS name
       FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)}
      WHERE ${pg.escapeIdentifier(key)} = $1::${type}`,
    [record],
  );
  return rows[0]?.name ?? null;
}

async function nameColumn(client: pg.PoolClient, { schema, table, masked }: Confirmed): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = ANY ($3::text[])
      ORDER BY array_position($3::text[], a.attname::text) LIMIT 1`,
    [schema, table, knownByColumns.filter((column) => !masked.includes(column))],
  );
  return rows[0]?.name ?? null;
}

async function confirmedTables(databaseId: string): Promise<Confirmed[]> {
  if (databaseId === "console") return [];
  return control()
    .select({
      schema: managedTables.schema,
      table: managedTables.name,
      key: managedTables.primaryKey,
      masked: managedTables.maskedColumns,
    })
    .from(managedTables)
    .where(eq(managedTables.databaseId, databaseId));
}
