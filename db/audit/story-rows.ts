import type pg from "pg";
import { type ForeignKey, foreignKeysOf, type TableName } from "../managed/foreign-keys.ts";
import { knownByColumns } from "../managed/sql/025-known-by.ts";
import { type EntryRow, entryColumns, entryRows } from "./entry-row.ts";
import { parseRow } from "./lossless.ts";
import { rowName } from "./names-as-of.ts";
import type { RowImage } from "./names-as-of-keys.ts";
import { mergedNewest } from "./newest.ts";
import { loggedText } from "./query/columns.ts";
import { affectedRows } from "./story-count.ts";
import { type StoryCount, summed } from "./story-sentence.ts";

export const storyRowsMax = 500;
const countedMax = 100_000;

/** Whose entries: those of one transaction, or of one request. */
export type StoryKey =
  | {
      kind: "transaction";
      transaction: string /** A time that is less than a day away from it. */;
      near: string | null;
    }
  | { kind: "request"; request: string };

/** What one reading gave of a story, oldest first. */
export interface StoryPart {
  rows: EntryRow[];
  /** By entry id, the part of the row that its name and its foreign keys are read from. */
  images: ReadonlyMap<string, RowImage>;
  counts: StoryCount[];
}

export interface StoryRows extends StoryPart {
  keys: ForeignKey[];
  /** Whether there are more entries than were read or counted. */
  more: boolean;
  uncounted: boolean;
}

/** The first entries of a story in one database, also those that archived months gave, and how many there are of each kind. */
export async function storyRows(client: pg.PoolClient, key: StoryKey, archived: StoryPart | null): Promise<StoryRows> {
  const { where, values } = condition(key);
  const rows = await entryRows(
    client,
    `SELECT ${entryColumns} FROM caretaker.audit_logs WHERE ${where}
      ORDER BY audit_logs.created_at, audit_logs.id LIMIT ${storyRowsMax + 1}`,
    values,
  );
  if (rows.length === 0) return archivedOnly(archived, await foreignKeysOf(client, tablesOf(archived?.rows ?? [])));
  const all = archived === null ? rows : mergedNewest(archived.rows, rows).reverse();
  const shown = all.slice(0, storyRowsMax);
  const keys = await foreignKeysOf(client, tablesOf(shown));
  const images = await imagesOf(client, rows.slice(0, storyRowsMax), keys);
  const { counts, counted } = await countsIn(client, where, values);
  return {
    ...{ rows: shown, keys, counts: summed([...(archived?.counts ?? []), ...counts]) },
    images: new Map([...images, ...(archived?.images ?? [])]),
    ...{ more: all.length > storyRowsMax, uncounted: counted > countedMax },
  };
}

/** A story that lies in archived months alone; without its database, without foreign keys too. */
export function archivedOnly(archived: StoryPart | null, keys: ForeignKey[] = []): StoryRows {
  const { rows = [], images = new Map(), counts = [] } = archived ?? {};
  return {
    rows: rows.slice(0, storyRowsMax),
    images,
    keys,
    counts: summed(counts),
    more: rows.length > storyRowsMax,
    uncounted: false,
  };
}

function tablesOf(rows: readonly EntryRow[]): TableName[] {
  const tables = rows.flatMap(({ schema, table }) => (schema === null || table === null ? [] : [{ schema, table }]));
  return [...new Map(tables.map((one) => [JSON.stringify(one), one])).values()];
}

function condition(key: StoryKey): { where: string; values: unknown[] } {
  if (key.kind === "request") return { where: "request_id = $1", values: [key.request] };
  const near =
    key.near === null
      ? ""
      : " AND created_at BETWEEN $2::timestamptz - interval '1 day' AND $2::timestamptz + interval '1 day'";
  return {
    where: `transaction_id = $1::xid8${near}`,
    values: key.near === null ? [key.transaction] : [key.transaction, key.near],
  };
}

/** Only what a name and a foreign key need of each row: images may be large, and the tree has many. */
async function imagesOf(
  client: pg.PoolClient,
  rows: readonly EntryRow[],
  keys: readonly ForeignKey[],
): Promise<Map<string, RowImage>> {
  const columns = [...new Set([...keys.flatMap((key) => key.columns), ...knownByColumns])];
  const { rows: found } = await client.query<{ id: string; image: string | null }>(
    `SELECT log.id::text AS id,
            (SELECT jsonb_object_agg(one.key, one.value) FROM jsonb_each(coalesce(log.new_values, log.old_values || coalesce(log.changes, '{}'))) AS one
              WHERE one.key = ANY ($3::text[]))::text AS image
       FROM unnest($1::timestamptz[], $2::bigint[]) AS asked (at, id)
       JOIN caretaker.audit_logs AS log ON log.created_at = asked.at AND log.id = asked.id`,
    [rows.map(({ at }) => at), rows.map(({ id }) => id), columns],
  );
  return new Map(found.flatMap(({ id, image }) => (image === null ? [] : [[id, parseRow(image) ?? {}]])));
}

/** How many rows of what, and by how many entries. */
async function countsIn(
  client: pg.PoolClient,
  where: string,
  values: readonly unknown[],
): Promise<{ counts: StoryCount[]; counted: number }> {
  const { rows } = await client.query<Omit<StoryCount, "rows"> & { rows: string; entries: string }>(
    `SELECT action, resource_schema AS schema, resource_type AS "table", tenant_id AS tenant, count(*) AS entries,
            sum(${affectedRows(loggedText)}) AS rows
       FROM (SELECT * FROM caretaker.audit_logs WHERE ${where} LIMIT ${countedMax + 1}) AS story
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    [...values],
  );
  const counts = rows.map(({ entries: _entries, rows: affected, ...of }) => ({ ...of, rows: Number(affected) }));
  return {
    counts,
    counted: rows.reduce((sum, { entries }) => sum + Number(entries), 0),
  };
}

/** What an entry's row is called. */
export function labelIn(images: ReadonlyMap<string, RowImage>, id: string): string | null {
  const image = images.get(id);
  return image === undefined ? null : rowName(image);
}
