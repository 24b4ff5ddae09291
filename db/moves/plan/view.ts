import { createHash } from "node:crypto";
import { guardStatements } from "../../managed/moving/guard.ts";
import type { Standing } from "../../managed/moving/table.ts";
import { noteStatements, triggerStatements } from "../../managed/moving/triggers.ts";
import type { Statement } from "../../managed/statement.ts";
import type { MovePlace, MovePlanView, MoveStatement } from "../contract.ts";
import type { MovingTenant, Place } from "./place.ts";
import type { MovePlan } from "./stored.ts";

/** Measured on a small machine: rows a second within a database, bytes a second between two. */
const copyRate = { rows: 40_000, bytes: 12_000_000 };
const pauseMs = { within: 25, across: 80 };

/** A plan as people see it, with the hash of all that it rests on. */
export function viewOf(
  tenant: MovingTenant,
  place: Place,
  plan: MovePlan,
  standings: { from: Standing; to: Standing },
  bytesNeeded: number,
): MovePlanView {
  const { id, key, name } = tenant;
  const one = place.databaseId === tenant.place.databaseId;
  const rows = plan.tables.reduce((sum, table) => sum + table.estimatedRows, 0);
  const bytes = plan.tables.reduce((sum, table) => sum + table.estimatedBytes, 0);
  return {
    hash: hashOf(tenant, place, plan),
    tenant: { id, key, name },
    from: placeView(tenant.place),
    to: placeView(place),
    tables: plan.tables.map((table) => ({
      name: table.name,
      class: table.class,
      key: table.keys.map((column) => column.name),
      estimatedRows: table.estimatedRows,
      estimatedBytes: table.estimatedBytes,
    })),
    phases: phasesOf(plan, standings),
    problems: plan.problems,
    bytesNeeded,
    copySeconds: Math.ceil(one ? rows / copyRate.rows : Math.max(rows / copyRate.rows, bytes / copyRate.bytes)),
    pauseMs: one ? pauseMs.within : pauseMs.across,
  };
}

function placeView({ tier, databaseId, databaseName, serverName, schema }: Place): MovePlace {
  return { tier, databaseId, databaseName, serverName, schema };
}

/** Rows come and go while a plan is looked at; what it does and what stands in its way must not. */
function hashOf(tenant: MovingTenant, place: Place, plan: MovePlan): string {
  const tables = plan.tables.map(({ estimatedRows: _rows, estimatedBytes: _bytes, ...table }) => table);
  const { before, keys, foreignKeys, proofs, after } = plan;
  const statements = [before, keys, foreignKeys, proofs, after].map((list) => list.map(({ sql }) => sql));
  const problems = plan.problems.map(({ severity, code, subject }) => [severity, code, subject]);
  return createHash("sha256")
    .update(
      JSON.stringify([
        tenant.id,
        tenant.placementId,
        tenant.place,
        place,
        tables,
        plan.references,
        statements,
        problems,
      ]),
    )
    .digest("hex");
}

function phasesOf(plan: MovePlan, { from, to }: { from: Standing; to: Standing }): MovePlanView["phases"] {
  const on = (standing: Standing): Statement[] =>
    plan.tables.flatMap((table) => [
      ...noteStatements(table, standing, "caretaker"),
      ...triggerStatements(table, standing),
      ...guardStatements(table, standing, { enabled: false, forced: false }),
    ]);
  const phases: { name: string; where: "from" | "to"; statements: Statement[] }[] = [
    { name: "Make the tables", where: "to", statements: plan.before },
    { name: "Follow writes", where: "from", statements: on(from) },
    { name: "Make keys and indexes, when the rows are copied", where: "to", statements: plan.keys },
    {
      name: "Make foreign keys and what else there is, when the rows fit together",
      where: "to",
      statements: [...plan.foreignKeys, ...plan.proofs, ...plan.after],
    },
    {
      name: "Close the new place until the cutover, and follow its writes from then on",
      where: "to",
      statements: on(to),
    },
  ];
  return phases
    .filter(({ statements }) => statements.length > 0)
    .map((phase) => ({ ...phase, statements: phase.statements.map(shown) }));
}

function shown({ sql, object, lock, why }: Statement): MoveStatement {
  return { sql, object, lock, why };
}
