import { Values } from "../../../audit/conditions.ts";
import { keyArray } from "../values.ts";
import type { Moving, Work, WorkTable } from "../work.ts";
import { carry, type Log } from "./carry.ts";

/** Which rows of a table are looked for: by the log's own key, or by the values of columns, as a JSON array. */
export type Wanted = { records: readonly string[] } | { columns: readonly string[]; values: readonly string[] };

/** Carries over the newest removals of rows of a table, from every log that may have them. */
export async function carryRemovals(work: Work, moving: Moving, table: WorkTable, wanted: Wanted): Promise<void> {
  const asked = "records" in wanted ? wanted.records : wanted.values;
  if (asked.length === 0) return;
  for (const { schemas, ...log } of logsOf(work, moving, table)) {
    const values = new Values();
    const which =
      "records" in wanted
        ? "log.resource_id = asked.wanted"
        : `${keyArray("log.old_values", wanted.columns)} = asked.wanted::jsonb`;
    const from = `unnest(${values.add(asked)}::text[]) AS asked (wanted)
          CROSS JOIN LATERAL (SELECT log.* FROM caretaker.audit_logs AS log
                               WHERE ${which} AND log.resource_type = ${values.add(table.name)}
                                 AND log.resource_schema = ANY (${values.add(schemas)}::text[]) AND log.action = 'delete' AND log.old_values IS NOT NULL
                                 AND (log.tenant_id = ${values.add(moving.tenant)} OR log.tenant_id IS NULL OR ${values.add(isShared(moving, table))})
                               ORDER BY log.created_at DESC, log.id DESC LIMIT 1) AS audit_logs`;
    await carry(work, log, { from, where: "true", values, schema: table.schema, asked: false });
  }
}

/** A table beside the tenant's own, which its rows may need: nobody's rows, or everybody's. */
function isShared({ schema }: Moving, table: WorkTable): boolean {
  return table.schema !== schema;
}

/** The log of where the tenant lived, in which its tables may have had other schemas, and that of where it lives. */
function logsOf({ client, database }: Work, moving: Moving, table: WorkTable): (Log & { schemas: string[] })[] {
  const { log, from, schemas, tables } = moving;
  const shared = tables.filter(({ name }) => name === table.name).map(({ schema }) => schema);
  const earlier = isShared(moving, table) ? [] : [...schemas, ...shared];
  const here = { client, id: database.id };
  if (from.id === database.id) return [{ ...here, schemas: [...new Set([...earlier, table.schema])] }];
  return [
    { client: log, id: from.id, schemas: earlier },
    { ...here, schemas: [table.schema] },
  ].filter((one) => one.schemas.length > 0);
}
