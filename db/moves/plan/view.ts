import { createHash } from "node:crypto";
import type { MovePlace, MovePlanView } from "../contract.ts";
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
  phases: MovePlanView["phases"],
  bytesNeeded: number,
): MovePlanView {
  const { id, key, name } = tenant;
  const one = place.databaseId === tenant.place.databaseId;
  const rows = plan.tables.reduce((sum, table) => sum + table.estimatedRows, 0);
  const bytes = plan.tables.reduce((sum, table) => sum + table.estimatedBytes, 0);
  return {
    hash: hashOf(tenant, place, plan, phases),
    tenant: { id, key, name },
    from: placeView(tenant.place),
    to: placeView(place),
    home: tenant.homeDatabaseName,
    tables: plan.tables.map((table) => ({
      name: table.name,
      class: table.class,
      key: table.keys.map((column) => column.name),
      estimatedRows: table.estimatedRows,
      estimatedBytes: table.estimatedBytes,
    })),
    phases,
    problems: plan.problems,
    bytesNeeded,
    copySeconds: Math.ceil(one ? rows / copyRate.rows : Math.max(rows / copyRate.rows, bytes / copyRate.bytes)),
    pauseMs: one ? pauseMs.within : pauseMs.across,
  };
}

function placeView({ tier, databaseId, databaseName, serverName, schema }: Place): MovePlace {
  return { tier, databaseId, databaseName, serverName, schema };
}

/** Warnings that rest on samples of servers and on the planner's estimates. */
const measured = new Set(["disk_unknown", "disk_tight"]);

/**
 * Rows come and go while a plan is looked at, and servers are sampled; what it does and what it warns of must not change. What blocks a
 * move may come with a row that the application writes: it is judged anew at the start, and named there.
 */
function hashOf(tenant: MovingTenant, place: Place, plan: MovePlan, phases: MovePlanView["phases"]): string {
  const tables = plan.tables.map(({ estimatedRows: _rows, estimatedBytes: _bytes, ...table }) => table);
  const statements = phases.map((phase) => phase.statements.map(({ sql }) => sql));
  const problems = plan.problems
    .filter(({ severity, code }) => severity !== "blocking" && !measured.has(code))
    .map(({ severity, code, subject }) => [severity, code, subject]);
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
