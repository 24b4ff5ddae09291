import type { PlanProblem } from "#db/databases/contract.ts";
import type { PlanUnit } from "#db/databases/plan/statements.ts";

interface FiledPlan {
  hash: string;
  units: PlanUnit[];
  problems: PlanProblem[];
}

/** A plan as a file for psql: its problems, then one transaction a unit, each statement with its reason and lock. */
export function sqlFile(name: string, plan: FiledPlan): Response {
  const problems = plan.problems.map(({ severity, subject, message, fix }) =>
    comment(`${severity}: ${subject}: ${message} ${fix}`),
  );
  const units = plan.units.map(({ name: unit, statements }) => {
    const shown = statements.map(({ sql, why, lock }) => `${comment(`${why} Lock: ${lock}.`)}\n${sql.trim()};`);
    return [comment(unit), "BEGIN;", "SET LOCAL lock_timeout = '2s';", ...shown, "COMMIT;"].join("\n\n");
  });
  const text = [comment(`Plan ${plan.hash}`), ...problems, "\\set ON_ERROR_STOP on", ...units].join("\n\n");
  const file = `${name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.sql`;
  return new Response(`${text}\n`, {
    headers: {
      "content-type": "application/sql; charset=utf-8",
      "content-disposition": `attachment; filename="${file}"`,
    },
  });
}

/** A name that holds a line break must not end the comment. */
function comment(text: string): string {
  return `-- ${text.replaceAll(/[\r\n]+/g, " ")}`;
}
