import { literal } from "../../../managed/statement.ts";
import type { ForeignKey } from "../../table-shape.ts";
import { keyArray } from "../values.ts";
import type { Work, WorkTable } from "../work.ts";

/**
 * SQL for LATERAL: the newest entry that removed the parent that `alias` wants. By the log's own key where the foreign key holds
 * the parent's primary key; else by the values, among the removals of that table.
 */
export function removalOf({ log, moving }: Work, foreign: ForeignKey, parent: WorkTable, alias: string): string {
  const which = isByKey(foreign)
    ? `log.resource_id = ${alias}.record`
    : `${keyArray("log.old_values", foreign.parentColumns)} = ${alias}.wanted`;
  const more = moving ? ", log.recorded_in" : "";
  return `SELECT log.id, log.created_at AS at${more} FROM ${log} AS log
           WHERE ${which} AND log.resource_type = ${literal(parent.name)} AND log.resource_schema = ${literal(parent.schema)}
             AND log.action = 'delete' AND log.old_values IS NOT NULL
           ORDER BY log.created_at DESC, log.id DESC LIMIT 1`;
}

/** Whether the foreign key holds the parent's primary key. */
export function isByKey({ parentColumns, parentKey }: ForeignKey): boolean {
  return parentColumns.length === parentKey.length && parentColumns.every((name) => parentKey.includes(name));
}
