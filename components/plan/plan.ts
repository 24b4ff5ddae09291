/** One statement of a plan, in the shape that every area's planner answers. */
export interface PlannedStatement {
  sql: string;
  /** What it makes or changes. */
  object: string;
  /** "ACCESS EXCLUSIVE on orders, milliseconds", or "none". */
  lock: string;
  why: string;
  /** False where it stands outside of the plan's transaction; absent where the plan has none. */
  transactional?: boolean;
  /** Where a plan has several parts with something between them. */
  phase?: string;
}

/** Something that stops the plan, or that somebody should know before they agree to it. */
export interface PlanProblem {
  severity: "blocking" | "grave" | "warning" | "note";
  /** What it is about: a table, a column, a privilege. */
  subject: string;
  message: string;
  fix?: string;
}
