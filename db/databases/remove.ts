import { createHash } from "node:crypto";
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import type { Consent } from "../approvals/contract.ts";
import { inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { enqueueWith } from "../jobs/enqueue.ts";
import { releaseStatements } from "../managed/capture.ts";
import { removeStatements } from "../managed/install.ts";
import type { Statement } from "../managed/statement.ts";
import { databases } from "../schema/fleet.ts";
import { placements, tenants } from "../schema/tenants.ts";
import { runUnit } from "./apply/run-unit.ts";
import type { Progress } from "./apply.ts";
import { lockDatabase } from "./confirm.ts";
import type { PlanProblem } from "./contract.ts";
import { nameOf } from "./plan/drift.ts";
import { readInstalled } from "./plan/installed.ts";
import { dropViewUnit, type PlanUnit, unsecureUnit } from "./plan/statements.ts";
import { readSurroundings } from "./plan/surroundings.ts";
import { type LogThatGoes, logThatGoes } from "./removal-log.ts";
import { removalProblems } from "./removal-problems.ts";
import { readDatabaseRow } from "./stored-model.ts";

/** The reason that a tenant bears while the database that listed it is not managed. */
export const unmanagedReason = "Its database is no longer managed.";

export interface RemovalPlan {
  database: string;
  statements: Statement[];
  units: PlanUnit[];
  hash: string;
  /** What goes with the schema for good, unless its months are archived or it is exported first. */
  log: LogThatGoes;
  /** While there is one, nothing is removed. */
  problems: PlanProblem[];
}

/** Every statement that takes Caretaker out of a database again and leaves its schema as it was. */
export async function planRemoval(actor: Actor, databaseId: string): Promise<RemovalPlan> {
  authorise(actor, "databases.manage");
  const { name } = await readDatabaseRow(databaseId);
  return withDatabase(databaseId, async (client) => {
    const installed = await readInstalled(client);
    const around = await readSurroundings(client);
    const problems = await removalProblems(databaseId, name, client);
    const units: PlanUnit[] = [
      ...[...installed.secured.values()].map(unsecureUnit),
      ...[...installed.captures.values()].map((table) => ({
        name: `release of ${nameOf(table)}`,
        statements: releaseStatements(table),
      })),
      ...[...installed.views.values()].filter(({ ours }) => ours).map(dropViewUnit),
      { name: "schema caretaker", statements: removeStatements({ dropRoles: around.mayCreateRoles }) },
    ];
    const statements = units.flatMap((unit) => unit.statements);
    const hash = createHash("sha256")
      .update(JSON.stringify([databaseId, name, statements.map((one) => one.sql)]))
      .digest("hex");
    return { database: name, statements, units, hash, log: await logThatGoes(client), problems };
  });
}

/** Asks a worker to remove everything. The name is typed, a reason given and the password proven again. */
export async function startRemoval(actor: Actor, databaseId: string, consent: Consent): Promise<string> {
  authorise(actor, "databases.manage");
  const plan = await planRemoval(actor, databaseId);
  refuseInUse(plan);
  return inControl(
    actor,
    async (tx, client) => {
      await lockDatabase(tx, databaseId);
      const need = {
        verb: "databases.remove",
        tier: "irreversible",
        subject: plan.database,
        planHash: plan.hash,
      } as const;
      await requireConsent(tx, actor, need, consent);
      return enqueueWith(client, actor, {
        kind: "databases.remove",
        title: `Removal from ${plan.database}`,
        input: { databaseId, planHash: plan.hash },
        planHash: plan.hash,
      });
    },
    { reason: consent.reason },
  );
}

/** Removes everything, unit by unit. `resumed` continues a run that was cut off, whose plan was checked when it began. */
export async function removeAdoption(
  actor: Actor,
  { databaseId, planHash, resumed = false }: { databaseId: string; planHash: string; resumed?: boolean },
  onProgress: (progress: Progress) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<{ statements: number }> {
  authorise(actor, "databases.manage");
  const plan = await planRemoval(actor, databaseId);
  refuseInUse(plan);
  if (plan.hash !== planHash && !resumed) {
    throw new Refusal("stale_plan", "The database has changed since the plan was shown.", {
      fix: "Look at the new plan first.",
    });
  }
  let done = 0;
  for (const unit of plan.units) {
    await onProgress({ done, total: plan.statements.length, line: unit.name });
    await runUnit(actor, databaseId, unit, signal);
    done += unit.statements.length;
  }
  await recordRemoval(actor, databaseId);
  return { statements: done };
}

/** A hold ends by being released, and a move by its end, not by taking away what keeps them. */
function refuseInUse({ problems: [first, ...more] }: RemovalPlan): void {
  if (!first) return;
  const others = more.length === 0 ? "" : ` There are ${more.length} more problems in the plan.`;
  throw new Refusal("conflict", first.message, { fix: first.fix + others });
}

/** The database stays in the fleet, unadopted; the tenants that it listed are archived and have no placement. */
async function recordRemoval(actor: Actor, databaseId: string): Promise<void> {
  await inControl(actor, async (tx) => {
    await lockDatabase(tx, databaseId);
    await tx
      .update(databases)
      .set({ adoptedAt: null, adoptedBy: null, planHash: null })
      .where(eq(databases.id, databaseId));
    const here = tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.homeDatabaseId, databaseId));
    await tx
      .update(placements)
      .set({ state: "dropped", closedAt: sql`now()` })
      .where(and(eq(placements.state, "open"), inArray(placements.tenantId, here)));
    await tx
      .update(tenants)
      .set({ status: "archived", statusReason: unmanagedReason, statusChangedAt: sql`now()` })
      .where(and(eq(tenants.homeDatabaseId, databaseId), ne(tenants.status, "archived")));
  });
}
