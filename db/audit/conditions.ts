import { damagedCursor, decodeCursor } from "../page.ts";
import { type AuditFilter, momentOf, unknownActor } from "./contract.ts";
import { isEntryId } from "./entry-id.ts";

/** Collects values and hands out their placeholders. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** Where a page ends: the key of its last entry, as text. */
export interface Position {
  at: string;
  id: string;
  /** Whether the entry at exactly this key, in this database, was already shown. */
  shown: boolean;
}

/**
 * One filter and position as SQL over `caretaker.audit_logs`. The plain bound on created_at says nothing new beside the row
 * comparison, but partitions are pruned by it and not by the row comparison.
 */
export function conditions(
  values: Values,
  filter: AuditFilter,
  tenantKeys: readonly string[] | null,
  position: Position | null,
): string[] {
  const now = Date.now();
  const where: string[] = [];
  const equals = (column: string, value: string) => where.push(`${column} = ${values.add(value)}`);
  const oneOf = (column: string, list: readonly string[]) =>
    list.length === 1 && list[0] !== undefined
      ? equals(column, list[0])
      : where.push(`${column} = ANY (${values.add(list)}::text[])`);

  if (tenantKeys !== null) oneOf("tenant_id", tenantKeys);
  if (filter.actor === unknownActor) where.push("user_id IS NULL");
  else if (filter.actor !== undefined) equals("user_id", filter.actor);
  if (filter.action !== undefined) oneOf("action", filter.action);
  if (filter.schema !== undefined) equals("resource_schema", filter.schema);
  if (filter.table !== undefined) equals("resource_type", filter.table);
  if (filter.record !== undefined) where.push(isRecord(values.add(filter.record)));
  if (filter.request !== undefined) equals("request_id", filter.request);
  if (filter.transaction !== undefined) where.push(`transaction_id = ${values.add(filter.transaction)}::xid8`);
  if (filter.from !== undefined)
    where.push(`created_at >= ${values.add(momentOf(filter.from, "from", now))}::timestamptz`);
  if (filter.to !== undefined) where.push(`created_at < ${values.add(momentOf(filter.to, "to", now))}::timestamptz`);
  if (position !== null) {
    const at = values.add(position.at);
    const id = values.add(position.id);
    where.push(`created_at <= ${at}::timestamptz`);
    where.push(`(created_at, id) ${position.shown ? "<" : "<="} (${at}::timestamptz, ${id}::bigint)`);
  }
  return where;
}

/** Entries of a record, also the one that gave it this key. */
function isRecord(given: string): string {
  return `(resource_id = ${given} OR (metadata ? 'new_key' AND metadata ->> 'new_key' = ${given}))`;
}

const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/** Reads a list's cursor: the time, id and database of the last entry shown. */
export function readPosition(cursor: string): { at: string; id: string; database: string } {
  const [at, id, database] = decodeCursor(cursor, 3);
  if (!at || !stamp.test(at) || Number.isNaN(Date.parse(at)) || !id || !isEntryId(id) || !database) {
    throw damagedCursor();
  }
  return { at, id, database };
}

/** The columns in which `text` may be the whole value: each one is asked through its own index. */
export function idBranches(values: Values, text: string): string[] {
  const given = values.add(text);
  const branches = ["resource_id", "user_id", "tenant_id", "request_id"].map((column) => `${column} = ${given}`);
  if (/^\d{1,20}$/.test(text)) branches.push(`transaction_id = ${values.add(text)}::xid8`);
  return branches;
}
