import type pg from "pg";
import { logHoldsFor } from "../audit/retention/holds.ts";
import { controlPool } from "../control.ts";
import { standingHolds } from "../managed/holds/standing.ts";
import type { PlanProblem } from "./contract.ts";

/** What must end before Caretaker may leave a database. Each of it would lose its fence, its place or its evidence. */
export async function removalProblems(databaseId: string, name: string, client: pg.ClientBase): Promise<PlanProblem[]> {
  const holds = await standingHolds(client);
  const logHolds = (await logHoldsFor(databaseId)).filter(({ id }) => !holds.some((hold) => hold.id === id));
  const [moving, apart] = await Promise.all([namesOf(movingSql, databaseId), namesOf(apartSql, databaseId)]);
  return [
    ...holds.map((hold): PlanProblem => {
      const message = `The legal hold ${hold.name} stands here; while it does, nothing is removed.`;
      return { severity: "blocking", subject: "caretaker.holds", message, fix: release };
    }),
    ...logHolds.map((hold): PlanProblem => {
      const message = `The legal hold ${hold.name} keeps entries of the log here; while it does, nothing is removed.`;
      return { severity: "blocking", subject: "caretaker.audit_logs", message, fix: release };
    }),
    ...blocking(name, moving, "is being moved, and what keeps its writes in one place would go", {
      fix: "Complete or abort its move first.",
    }),
    ...blocking(name, apart, "lives in a place of its own, which nobody would find any more", {
      fix: "Move it to the shared tables, or to another server, or archive it first.",
    }),
  ];
}

const release = "Have it released under Deleted, Holds, by two people first.";

const named = 20;

/** The first ones by name, and how many more there are. */
function blocking(database: string, names: string[], what: string, { fix }: { fix: string }): PlanProblem[] {
  const problems = names.slice(0, named).map((one): PlanProblem => {
    return { severity: "blocking", subject: one, message: `${one} ${what}.`, fix };
  });
  const more = names.length - named;
  if (more <= 0) return problems;
  return [...problems, { severity: "blocking", subject: database, message: `So it is with ${more} more.`, fix }];
}

const movingSql = `
  SELECT DISTINCT t.name
    FROM moves m
    JOIN tenants t ON t.id = m.tenant_id
    JOIN placements f ON f.id = m.from_placement_id
    JOIN placements p ON p.id = m.to_placement_id
   WHERE m.state NOT IN ('completed', 'aborted')
     AND $1 IN (t.home_database_id, f.database_id, p.database_id)
   ORDER BY t.name`;

const apartSql = `
  SELECT t.name
    FROM placements p
    JOIN tenants t ON t.id = p.tenant_id
   WHERE p.state = 'open' AND p.tier <> 'shared' AND $1 IN (t.home_database_id, p.database_id)
   ORDER BY t.name`;

async function namesOf(sql: string, databaseId: string): Promise<string[]> {
  const { rows } = await controlPool().query<{ name: string }>(sql, [databaseId]);
  return rows.map(({ name }) => name);
}
