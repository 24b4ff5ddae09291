import type pg from "pg";
import { knownBy, knownByColumns, knownByLengthMax, losesName } from "../managed/sql/025-known-by.ts";
import { Values } from "./conditions.ts";
import { entryColumns } from "./entry-row.ts";
import { type Asked, type DeletionRow, type DeletionSource, type Matched, marksOf } from "./who-deleted-find.ts";

/** The log of one database. */
export function deletionsInLog(client: pg.PoolClient, asked: Asked, limit: number): DeletionSource {
  return {
    ofKeys: (keys, matched) => ofKeys(client, asked, keys, matched, limit),
    called: (matched) => called(client, asked, matched, limit),
  };
}

async function ofKeys(
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

async function called(
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
export async function masksOf(client: pg.PoolClient, text: string): Promise<string[]> {
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

function ofTenant(values: Values, { tenantKeys }: Asked): string[] {
  return tenantKeys === null ? [] : [`tenant_id = ANY (${values.add(tenantKeys)}::text[])`];
}
