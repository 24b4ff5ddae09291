import { Values } from "../../../audit/conditions.ts";
import type { ManagedTable } from "../../../managed-tables.ts";
import { carryRemovals } from "../moved/removals.ts";
import { entries } from "../scratch.ts";
import type { Work, WorkTable } from "../work.ts";

/** SQL over an entry: it removed a row, or marked as deleted one that was not. */
function removes(values: Values, managed: readonly ManagedTable[]): string {
  const soft = managed.flatMap(({ schema, name, softDelete }) => (softDelete ? [{ schema, name, softDelete }] : []));
  if (soft.length === 0) return "action = 'delete'";
  const [schemas, names, columns, set] = [
    soft.map(({ schema }) => schema),
    soft.map(({ name }) => name),
    soft.map(({ softDelete }) => softDelete.column),
    soft.map(({ softDelete }) => (softDelete.kind === "boolean" ? "true" : null)),
  ].map((list) => `${values.add(list)}::text[]`);
  const marked = (state: string) =>
    `(${state} ->> soft.mark IS NOT NULL AND ${state} ->> soft.mark = coalesce(soft.set, ${state} ->> soft.mark))`;
  return `(action = 'delete' OR (action = 'update' AND EXISTS (
            SELECT FROM unnest(${schemas}, ${names}, ${columns}, ${set}) AS soft (schema_name, table_name, mark, set)
             WHERE soft.schema_name = resource_schema AND soft.table_name = resource_type AND changes ? soft.mark
               AND ${marked("changes")} AND NOT ${marked("old_values")})))`;
}

/** Entries of the log, as SQL for FROM … WHERE; its relation is called audit_logs. */
export interface EntrySource {
  from: string;
  where?: string;
}

/** Reads the entries of a source that removed rows or marked them as deleted, of each record the newest. */
export async function readEntries(work: Work, source: (values: Values) => EntrySource): Promise<number> {
  const values = new Values();
  const { from, where = "true" } = source(values);
  const { rowCount } = await work.client.query(
    `INSERT INTO ${entries} (id, at, action, schema_name, table_name, record, tenant, xact, image)
     SELECT audit_logs.id, created_at, action, resource_schema, resource_type, resource_id, tenant_id, transaction_id, old_values
       FROM ${from}
      WHERE (${where}) AND ${removes(values, work.managed)} AND resource_schema IS NOT NULL AND old_values IS NOT NULL
         ON CONFLICT (id) DO NOTHING`,
    values.list,
  );
  await work.client.query(
    `DELETE FROM ${entries} WHERE id IN (
       SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY schema_name, table_name, record ORDER BY at DESC, id DESC) AS age
                         FROM ${entries} WHERE record IS NOT NULL) AS aged WHERE age > 1)`,
  );
  await work.client.query(`ANALYZE ${entries}`);
  return rowCount ?? 0;
}

/** For rows that are in their table no more: the newest entries that removed them. */
export async function readRemovals(work: Work, table: WorkTable, records: readonly string[]): Promise<void> {
  if (records.length === 0) return;
  if (work.moving) await carryRemovals(work, work.moving, table, { records });
  const { schema, name } = table;
  await readEntries(work, (values) => ({
    from: `unnest(${values.add(records)}::text[]) AS asked (record)
          CROSS JOIN LATERAL (SELECT log.* FROM ${work.log} AS log
                               WHERE log.resource_id = asked.record AND log.resource_type = ${values.add(name)}
                                 AND log.resource_schema = ${values.add(schema)} AND log.action = 'delete'
                               ORDER BY log.created_at DESC, log.id DESC LIMIT 1) AS audit_logs`,
  }));
}
