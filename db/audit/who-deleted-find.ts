import type pg from "pg";
import { deletionColumns, knownBy, knownByColumns, knownByLengthMax, losesName } from "../managed/sql/025-known-by.ts";
import { Values } from "./conditions.ts";
import { type EntryRow, entryColumns } from "./entry-row.ts";

/** What of the row the asked text was. */
export type Matched = "key" | "value" | "beginning" | "former";

/** An entry that took a row away, or marked it as deleted. */
export interface DeletionRow extends EntryRow {
  /** What the row was called, unless that is masked. */
  label: string | null;
  /** The column whose value was asked for. */
  field: string | null;
  /** A key that an update gave the row; the deletion is then to be looked for under it. */
  newKey: string | null;
  /** Whether the row went, or was marked; false where an update only took a name from it. */
  deletes: boolean;
  matched: Matched;
}

export interface Asked {
  text: string;
  tenantKeys: readonly string[] | null;
  /** Columns by which this database's tables mark rows as deleted, beyond the usual names. */
  softColumns: readonly string[];
}

const looksLikeKey = /^(\d{1,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\[.+\])$/i;
const shortestBeginning = 3;

/**
 * The newest deletions in one database of what the text names: by key; by a value that the row was known by when it went, or was
 * known by before; and only where nothing is called so, by how such a value begins.
 */
export async function findDeletions(client: pg.PoolClient, asked: Asked, limit: number): Promise<DeletionRow[]> {
  const byKey = await deletionsOfKeys(client, asked, [asked.text, asked.text.toLowerCase()], "key", limit);
  if (byKey.some(({ deletes }) => deletes) && looksLikeKey.test(asked.text)) return deletionsAmong(byKey, limit);
  const exact = await deletionsCalled(client, asked, "value", limit);
  const found = [...byKey, ...exact];
  const beginning =
    found.length === 0 && asked.text.length >= shortestBeginning
      ? await deletionsCalled(client, asked, "beginning", limit)
      : [];
  const known = new Set(found.filter(({ deletes }) => deletes).map(addressOf));
  const former = [...found, ...beginning].filter((row) => !row.deletes && !known.has(addressOf(row)));
  const later = await deletionsOfFormer(client, asked, former, limit);
  return deletionsAmong([...found, ...beginning, ...later], limit);
}

/** Every entry about a key that can be a deletion; an update that changed the key leads on. */
async function deletionsOfKeys(
  client: pg.PoolClient,
  asked: Asked,
  keys: readonly string[],
  matched: Matched,
  limit: number,
): Promise<DeletionRow[]> {
  const values = new Values();
  const where = [
    `resource_id = ANY (${values.add([...new Set(keys)])}::text[])`,
    `(action = 'delete' OR action = 'update' AND (metadata ? 'new_key' OR ${marks(values, asked)}))`,
    ...ofTenant(values, asked),
  ];
  return read(client, values, asked, where, matched, limit);
}

async function deletionsCalled(
  client: pg.PoolClient,
  asked: Asked,
  matched: "value" | "beginning",
  limit: number,
): Promise<DeletionRow[]> {
  const values = new Values();
  const lexemes = [asked.text, ...(matched === "value" ? await masksOf(client, asked.text) : [])];
  const query = lexemes.map((text) => lexeme(values.add(text), matched === "beginning")).join(" || ");
  const where = [losesName, `${knownBy} @@ (${query})`, ...ofTenant(values, asked)];
  return read(client, values, asked, where, matched, limit);
}

/** A masked value stands in the log as its keyed hash; who may not hash does not find it. */
async function masksOf(client: pg.PoolClient, text: string): Promise<string[]> {
  const { rows } = await client.query<{ mask: string }>(
    `SELECT caretaker.mask(one) AS mask FROM unnest($1::text[]) AS one
      WHERE has_function_privilege('caretaker.mask(text)', 'EXECUTE')`,
    [[...new Set([text, text.toLowerCase()])]],
  );
  return rows.map(({ mask }) => mask);
}

/** SQL of a tsquery that is one lexeme, as the index cut and lowered it. */
function lexeme(given: string, beginning: boolean): string {
  const lowered = `lower(left(${given}::text, ${knownByLengthMax}))`;
  const quoted = `'''' || replace(replace(${lowered}, '\\', '\\\\'), '''', '''''') || ''''`;
  return `(${quoted}${beginning ? " || ':*'" : ""})::tsquery`;
}

/** Rows that were called so before, or had another key, and went later. */
async function deletionsOfFormer(
  client: pg.PoolClient,
  asked: Asked,
  former: readonly DeletionRow[],
  limit: number,
): Promise<DeletionRow[]> {
  const keys = former.flatMap(({ newKey, record }) => newKey ?? record ?? []);
  if (keys.length === 0) return [];
  const tables = new Set(former.map(({ schema, table }) => JSON.stringify([schema, table])));
  const rows = await deletionsOfKeys(client, asked, keys, "former", limit);
  return rows.filter((row) => row.deletes && tables.has(JSON.stringify([row.schema, row.table])));
}

function deletionsAmong(rows: readonly DeletionRow[], limit: number): DeletionRow[] {
  const byId = new Map(rows.filter(({ deletes }) => deletes).map((row) => [row.id, row]));
  return [...byId.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1)).slice(0, limit);
}

/** The fence keeps the order out of the planner's sight: it would otherwise read the log from its end, hoping to meet a match. */
async function read(
  client: pg.PoolClient,
  values: Values,
  asked: Asked,
  where: readonly string[],
  matched: Matched,
  limit: number,
): Promise<DeletionRow[]> {
  const names = values.add(knownByColumns);
  const text = values.add(asked.text);
  const { rows } = await client.query<Omit<DeletionRow, "matched">>(
    `SELECT ${entryColumns},
            (SELECT old_values ->> name FROM unnest(${names}::text[]) AS name
              WHERE old_values ->> name NOT LIKE 'masked:%' AND old_values ->> name <> '' LIMIT 1) AS label,
            (SELECT name FROM unnest(${names}::text[]) AS name
              WHERE starts_with(lower(old_values ->> name), lower(${text}::text))
              ORDER BY length(old_values ->> name) LIMIT 1) AS field,
            metadata ->> 'new_key' AS "newKey",
            (action = 'delete' OR ${marks(values, asked)}) AS deletes
       FROM (SELECT * FROM caretaker.audit_logs WHERE ${where.join(" AND ")} OFFSET 0) AS audit_logs
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT ${values.add(limit)}`,
    values.list,
  );
  return rows.map((row) => ({ ...row, matched }));
}

/** SQL over an update: it set one of the columns that mark a row as deleted. */
function marks(values: Values, asked: Pick<Asked, "softColumns">): string {
  const columns = values.add(marksOf(asked));
  return `coalesce(changes ?| ${columns}::text[] AND EXISTS (
            SELECT FROM unnest(${columns}::text[]) AS mark WHERE coalesce(changes ->> mark, 'false') <> 'false'), false)`;
}

export function marksOf({ softColumns }: Pick<Asked, "softColumns">): string[] {
  return [...new Set([...deletionColumns, ...softColumns])];
}

function ofTenant(values: Values, { tenantKeys }: Asked): string[] {
  return tenantKeys === null ? [] : [`tenant_id = ANY (${values.add(tenantKeys)}::text[])`];
}

function addressOf({ schema, table, record }: DeletionRow): string {
  return JSON.stringify([schema, table, record]);
}
