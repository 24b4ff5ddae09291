import type { ProblemCode } from "./problem-codes.ts";

/** What a check found out about one row; see check/. */
export interface ProblemDetail {
  record?: string | null;
  schema?: string;
  table?: string;
  entry?: string;
  /** The database in whose log that entry is, where it may be another one. */
  recordedIn?: string;
  /** The row that is spoken of is marked as deleted. */
  marked?: boolean;
  /** The row that is spoken of is itself part of the plan. */
  planned?: boolean;
  /** The live row is as the deleted one was. */
  same?: boolean;
  byMark?: boolean;
  bytes?: string | null;
  /** Values as JSON. */
  was?: unknown;
  now?: unknown;
  /** What PostgreSQL said. */
  reason?: string;
  /** It was found again after a choice. */
  again?: boolean;
  /** There is nothing to take back. */
  gone?: boolean;
  hold?: string;
  tenant?: string;
  /** Where the tenant lives: "shop, schema acme"; absent where it lives nowhere. */
  lives?: string;
  uses?: string;
  count?: number;
}

interface Spoken {
  code: ProblemCode;
  table: string;
  subject: string;
  columns: readonly string[];
  detail: ProblemDetail;
}

/** What stands in the way of one row. */
export function problemWords(problem: Spoken): string {
  const words = sentences[problem.code](problem);
  const { reason, again } = problem.detail;
  if (reason !== undefined && problem.code !== "type_changed") return `${words} Your choice cannot be used: ${reason}.`;
  return again ? `${words} It is so with your choice too.` : words;
}

const sentences: Record<ProblemCode, (problem: Spoken) => string> = {
  table_gone: ({ table }) => `The table ${table} is gone. The row itself is still in the audit log.`,
  lives_elsewhere: ({ detail: { tenant = "", lives } }) =>
    lives === undefined
      ? `Its tenant ${tenant} has left and lives nowhere any more. Leave the row deleted; what it was is in the audit log.`
      : `Its tenant ${tenant} lives in ${lives} now, and nobody would see the row here. Plan the rows of that tenant by themselves to restore them there, or leave the row deleted.`,
  lost: ({ table, detail: { gone } }) =>
    gone
      ? `It is not in ${table} any more, or has no key to find it by: there is nothing to take back.`
      : `It is not in ${table} any more, and the audit log has no removal of it.`,
  erased: () => "The values that it had before the restore were erased, so that it is not taken back.",
  already_live: ({ table, detail: { record, same } }) => {
    if (record === undefined) return "It is live already, so nothing needs to be restored.";
    return same
      ? `A live row has this key already, ${table} ${record}, with the same values.`
      : `A live row has this key already, ${table} ${record}, with other values: it was made anew, or changed since.`;
  },
  points_elsewhere: () => "It pointed to a row that comes back, and points elsewhere by now: it is left as it is.",
  held: ({ detail: { hold } }) => `The legal hold ${hold ?? ""} keeps it as it is.`,
  changed_since: () => "It changed after it was restored.",
  used_since: ({ detail: { uses, count } }) =>
    `${count === 1 ? "A row" : `${count ?? "Some"} rows`} of ${uses ?? "another table"} came after the restore and ${count === 1 ? "hangs" : "hang"} from it.`,
  parent_missing: ({ detail }) =>
    `It belongs to ${parentOf(detail)}, which is not there, and the audit log knows of no deletion.`,
  parent_deleted: ({ detail }) =>
    detail.marked
      ? `It belongs to ${parentOf(detail)}, which is marked as deleted, so the application may go on hiding the row.`
      : `It belongs to ${parentOf(detail)}, which was deleted too.`,
  unique_clash: ({ table, subject, columns, detail: { record, marked, planned } }) => {
    const holder = planned ? "Another row of this plan" : marked ? "A row that is marked as deleted" : "The live row";
    return `${holder}, ${table} ${record ?? "without a key"}, holds the same ${columns.join(", ") || subject} (${subject}).`;
  },
  required: ({ subject }) => `${subject} must have a value now, and the row has none.`,
  check_failed: ({ table, subject }) => `It would break the rule ${subject} of ${table}.`,
  type_changed: ({ subject, detail: { was, now, reason } }) =>
    reason === undefined
      ? `${subject} has another type now: ${JSON.stringify(was)} would come back as ${JSON.stringify(now)}.`
      : `${subject} has another type now: ${reason}.`,
  column_gone: ({ table, subject }) => `${table} has no column ${subject} any more.`,
  masked: ({ subject }) => `${subject} is masked in the audit log, so its value is not known and cannot come back.`,
  capped: ({ subject, detail: { bytes } }) =>
    `${subject} had ${bytes ?? "too many"} bytes. Of so large a value the audit log keeps the hash only, so it cannot come back.`,
};

function parentOf({ table, record }: ProblemDetail): string {
  return `${table ?? "a row"} ${record ?? ""}`.trim();
}

/** What a whole kind is about, without any row of it. */
export function kindWords({ code, table, subject, columns }: Omit<Spoken, "detail">): string {
  switch (code) {
    case "table_gone":
      return `The table ${table} is gone.`;
    case "lives_elsewhere":
      return `Rows of ${table} belong to tenants that do not live here any more.`;
    case "lost":
      return `Rows of ${table} are not in their table any more.`;
    case "erased":
      return `Values that rows of ${table} had before the restore were erased; they are left as they are.`;
    case "already_live":
      return `Rows of ${table} are live already; they are left as they are.`;
    case "points_elsewhere":
      return `Rows of ${table} pointed to rows that come back, and point elsewhere by now; they are left as they are.`;
    case "held":
      return `A legal hold keeps rows of ${table}.`;
    case "changed_since":
      return `Rows of ${table} changed after they were restored; they are left as they are.`;
    case "used_since":
      return `Rows that came after the restore hang from rows of ${table}.`;
    case "parent_missing":
      return `Rows of ${table} belong to rows that are not there (${columns.join(", ")}).`;
    case "parent_deleted":
      return `Rows of ${table} belong to rows that were deleted too (${columns.join(", ")}).`;
    case "unique_clash":
      return `Other rows hold the same ${columns.join(", ") || subject} as rows of ${table}.`;
    case "required":
      return `${table}.${subject} must have a value now.`;
    case "check_failed":
      return `Rows would break the rule ${subject} of ${table}.`;
    case "type_changed":
      return `${table}.${subject} has another type now.`;
    case "column_gone":
      return `${table} has no column ${subject} any more.`;
    case "masked":
      return `${table}.${subject} is masked in the audit log: its values are not known.`;
    case "capped":
      return `Values of ${table}.${subject} were too large for the audit log.`;
  }
}
