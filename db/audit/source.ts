import { idBranches, type Values } from "./conditions.ts";
import type { AuditFilter } from "./contract.ts";

/**
 * Where a page's entries come from, as SQL for FROM … WHERE: the log itself where an index of its own serves the filter, else
 * the newest keys of several indexed questions, merged.
 */
export function entrySource(
  values: Values,
  filter: AuditFilter,
  where: readonly string[],
  limit: number,
  ofTenant: boolean,
): string {
  if (filter.text !== undefined) return anyId(values, where, filter.text, limit);
  const narrow = [filter.table, filter.record, filter.actor, filter.request, filter.transaction];
  if (filter.action !== undefined && !ofTenant && narrow.every((value) => value === undefined)) {
    return byTable(values, where, filter.action, limit);
  }
  return `caretaker.audit_logs${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}`;
}

/** The newest keys of each column that may hold the id, each through its own index; then the entries of the newest of all. */
function anyId(values: Values, where: readonly string[], text: string, limit: number): string {
  const most = values.add(limit);
  const branches = idBranches(values, text).map((branch) => newest([branch, ...where], most));
  return `(${branches.join(" UNION ")} ORDER BY created_at DESC, id DESC LIMIT ${most}) AS found
          JOIN caretaker.audit_logs USING (created_at, id)`;
}

/**
 * An action by itself may be so rare that the log would be read to its end for one page. The index begins with the table, so
 * the tables are hopped through (a loose index scan), and each is asked for its newest entries of each action.
 */
function byTable(values: Values, where: readonly string[], actions: readonly string[], limit: number): string {
  const most = values.add(limit);
  const list = values.add(actions);
  return `(WITH RECURSIVE tables (name) AS (
             (SELECT resource_type FROM caretaker.audit_logs WHERE resource_type IS NOT NULL ORDER BY resource_type LIMIT 1)
              UNION ALL
             SELECT (SELECT log.resource_type FROM caretaker.audit_logs AS log
                      WHERE log.resource_type > tables.name ORDER BY log.resource_type LIMIT 1)
               FROM tables WHERE tables.name IS NOT NULL)
           SELECT newest.created_at, newest.id
             FROM tables
            CROSS JOIN unnest(${list}::text[]) AS asked (one)
            CROSS JOIN LATERAL ${newest(["resource_type = tables.name", "action = asked.one", ...where], most)} AS newest
            WHERE tables.name IS NOT NULL
            UNION ALL ${newest(["resource_type IS NULL", ...where], most)}
            ORDER BY created_at DESC, id DESC LIMIT ${most}) AS found
          JOIN caretaker.audit_logs USING (created_at, id)`;
}

function newest(where: readonly string[], most: string): string {
  return `(SELECT created_at, id FROM caretaker.audit_logs WHERE ${where.join(" AND ")}
            ORDER BY created_at DESC, id DESC LIMIT ${most})`;
}
