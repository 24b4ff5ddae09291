import { literal } from "../../../managed/statement.ts";
import { edges, rows } from "../scratch.ts";
import type { Work } from "../work.ts";
import { inOrder, type Need } from "./order.ts";

export type Act = "insert" | "update" | "delete";

/** Rows of one table that are written with the same columns. */
export interface Step {
  step: number;
  tab: number;
  act: Act;
  /** Live rows that give way go before everything else. */
  yields: boolean;
  /** A row is taken back to an earlier version: all of it is compared, not only what is written. */
  version: boolean;
  columns: string[];
  rows: number;
}

/** Steps that one statement writes: more than one where their rows need each other in a circle. */
export type Batch = Step[];

/** SQL: whether a row belongs to a step. */
export function isOf({ tab, act, yields, version, columns }: Step, alias: string): string {
  const origin = `(${alias}.origin = 'yields') = ${yields} AND (${alias}.origin = 'version') = ${version}`;
  const list = columns.map((column) => literal(column)).join(", ");
  return `${alias}.tab = ${tab} AND ${alias}.state = 'open' AND ${alias}.act = '${act}' AND ${origin} AND ${alias}.columns = ARRAY[${list}]::text[]`;
}

/**
 * Puts the rows that are to be written into steps and orders these. Rows of tables that need each other go into one statement,
 * at whose end PostgreSQL checks foreign keys; so a circle needs neither deferrable constraints nor a NULL that is filled in later.
 */
export async function planSteps(work: Work): Promise<Batch[]> {
  const { client, undoing } = work;
  const { rows: groups } = await client.query<Omit<Step, "step">>(
    `SELECT r.tab, r.act, r.origin = 'yields' AS yields, r.origin = 'version' AS version, r.columns, count(*)::int AS rows
       FROM ${rows} AS r WHERE r.state = 'open'
      GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 5`,
  );
  const { rows: needs } = await client.query<Need>(
    `SELECT DISTINCT c.tab AS child, p.tab AS parent FROM ${edges} AS e
       JOIN ${rows} AS c ON c.n = e.child AND c.state = 'open' JOIN ${rows} AS p ON p.n = e.parent AND p.state = 'open'`,
  );
  const steps = groups
    .filter(({ tab, act, columns }) => work.tables[tab]?.shape && (act === "delete" || columns.length > 0))
    .map((group, at): Step => ({ ...group, step: at + 1 }));
  const order = inOrder([...new Set(steps.map(({ tab }) => tab))], needs);
  const ordered = (undoing ? order.toReversed() : order).flatMap((tabs) => batchesOf(tabs, steps, needs, undoing));
  const yields = steps.filter((step) => step.yields).map((step) => [step]);
  return undoing ? [...ordered, ...yields] : [...yields, ...ordered];
}

function batchesOf(tabs: readonly number[], steps: readonly Step[], needs: readonly Need[], undoing: boolean): Batch[] {
  const own = steps.filter(({ tab, yields }) => tabs.includes(tab) && !yields);
  const circle = tabs.length > 1 || needs.some(({ child, parent }) => child === parent && tabs.includes(child));
  const moved = own.filter(({ act }) => act !== "update");
  const updates = own.filter(({ act }) => act === "update").map((step) => [step]);
  const together = circle ? [moved].filter(({ length }) => length > 0) : moved.map((step) => [step]);
  // A row points again once its parent is back, and no more before it is taken out.
  return undoing ? [...updates, ...together] : [...together, ...updates];
}
