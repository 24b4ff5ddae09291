/** What may stand in the way of a row, worst first: a row's status is the first of its problems that is not settled. */
export const problemCodes = [
  /** Its table is gone. */
  "table_gone",
  /** Its tenant does not live in this place any more. */
  "lives_elsewhere",
  /** It is in its table no more, and the log has no removal of it. */
  "lost",
  /** What it held before a restore was erased. */
  "erased",
  /** A live row has its key: nothing needs to be restored, or it was made anew. */
  "already_live",
  /** It pointed to a row of the plan, and points elsewhere by now. */
  "points_elsewhere",
  /** A hold keeps it. */
  "held",
  /** It changed since it was restored. */
  "changed_since",
  /** Rows that came later hang from it. */
  "used_since",
  /** The row that it belongs to is not there, and the log knows of no deletion. */
  "parent_missing",
  /** The row that it belongs to was deleted too. */
  "parent_deleted",
  /** Another row holds the same unique value. */
  "unique_clash",
  /** A column that must have a value gets none. */
  "required",
  /** It would break a CHECK constraint. */
  "check_failed",
  /** A value does not fit its column's type any more. */
  "type_changed",
  /** A column is gone. */
  "column_gone",
  /** A value is masked in the log, so it is not known. */
  "masked",
  /** A value was so large that the log kept its hash only. */
  "capped",
] as const;

export type ProblemCode = (typeof problemCodes)[number];
