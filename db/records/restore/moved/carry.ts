import type pg from "pg";
import { Values } from "../../../audit/conditions.ts";
import type { EntrySource } from "../load/read-entries.ts";
import { carriedLog } from "../scratch.ts";
import type { Moving, Work } from "../work.ts";

const entriesAtOnce = 2_000;

/**
 * Carries entries of a tenant that moved over from the log of where it lived, as if its tables had been where they are now. The
 * source's relation is called audit_logs. Answers how many there were; of more than `most` the oldest.
 */
export function carryOwn(
  work: Work,
  moving: Moving,
  source: (values: Values) => EntrySource,
  asked = false,
  most?: number,
): Promise<number> {
  const { tenant, schemas, tables, schema } = moving;
  const values = new Values();
  const { from, where = "true" } = source(values);
  const names = `unnest(${values.add(tables.map((table) => table.schema))}::text[], ${values.add(tables.map(({ name }) => name))}::text[])`;
  const own = `(audit_logs.tenant_id = ${values.add(tenant)} OR audit_logs.tenant_id IS NULL)
           AND (audit_logs.resource_schema = ANY (${values.add(schemas)}::text[]) OR EXISTS (
                  SELECT FROM ${names} AS own (schema, name)
                   WHERE own.schema = audit_logs.resource_schema AND own.name = audit_logs.resource_type))`;
  const log = { client: moving.log, id: moving.from.id };
  return carry(work, log, { from, where: `(${where}) AND ${own}`, values, schema, asked, most });
}

interface Carried extends Required<EntrySource> {
  values: Values;
  /** Where their tables are now. */
  schema: string;
  /** Whether the plan starts from them. */
  asked: boolean;
  most?: number | undefined;
}

/** The log of a database. */
export interface Log {
  client: pg.ClientBase;
  id: string;
}

/** In slices, as text: the driver would read a number of many digits into one of few. */
export async function carry(
  { client }: Work,
  log: Log,
  { from, where, values, schema, asked, most }: Carried,
): Promise<number> {
  const limit = most === undefined ? "" : `ORDER BY audit_logs.created_at, audit_logs.id LIMIT ${most}`;
  await log.client.query(
    `DECLARE caretaker_carried NO SCROLL CURSOR FOR
     SELECT to_jsonb(e)::text AS doc
       FROM (SELECT audit_logs.id, audit_logs.created_at, audit_logs.action, ${values.add(schema)}::text AS resource_schema,
                    audit_logs.resource_type, audit_logs.resource_id, audit_logs.tenant_id, audit_logs.transaction_id::text,
                    audit_logs.old_values, audit_logs.new_values, audit_logs.changes, audit_logs.metadata,
                    ${values.add(log.id)}::text AS recorded_in, audit_logs.resource_schema AS schema_then, ${asked} AS asked
               FROM ${from} WHERE ${where} ${limit}) AS e`,
    values.list,
  );
  let carried = 0;
  for (let last = entriesAtOnce; last === entriesAtOnce; carried += last) {
    const { rows } = await log.client.query<{ doc: string }>(`FETCH ${entriesAtOnce} FROM caretaker_carried`);
    last = rows.length;
    await client.query(
      `INSERT INTO ${carriedLog} SELECT l.* FROM unnest($1::text[]) AS doc
        CROSS JOIN LATERAL jsonb_populate_record(NULL::${carriedLog}, doc::jsonb) AS l ON CONFLICT DO NOTHING`,
      [rows.map(({ doc }) => doc)],
    );
  }
  await log.client.query("CLOSE caretaker_carried");
  await client.query(`ANALYZE ${carriedLog}`);
  return carried;
}
