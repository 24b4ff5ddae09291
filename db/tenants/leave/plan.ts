import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { standingHolds } from "../../managed/holds/standing.ts";
import { limits } from "../../transaction.ts";
import type { Leave, LeavePlan, Leaving } from "./contract.ts";
import { refuseExporting, refuseLeaving, refuseMoved } from "./exclude.ts";
import { atHome, ownRow, readOwnRow } from "./own-row.ts";
import { problemsOf } from "./problems.ts";
import { readSurroundings, type Surroundings } from "./stays.ts";
import {
  type Counted,
  type LivingTenant,
  livingTenant,
  nameOf,
  speakPlainly,
  type Tally,
  tablesOf,
  tally,
} from "./tables.ts";

/** A plan, and what was counted and looked up for it. */
export interface CountedPlan {
  plan: LeavePlan;
  counted: Counted;
  surroundings: Surroundings;
}

/** What leaves with a tenant, and what stands in the way. Nothing is changed. */
export async function planLeave(actor: Actor, asked: { tenantId: string; how: Leaving }): Promise<LeavePlan> {
  authorise(actor, "tenants.read");
  return (await countPlan(await livingTenant(asked.tenantId), asked.how)).plan;
}

/** A job has as long as its signal lets it; whoever waits for an answer has not. */
export async function countPlan(tenant: LivingTenant, how: Leaving, signal?: AbortSignal): Promise<CountedPlan> {
  const { counted, holds } = await countAll(tenant, signal);
  const surroundings = await readSurroundings(tenant, counted);
  const tables = Object.entries(counted.tallies).map(([name, { rows }]) => ({ name, rows }));
  const plan: LeavePlan = {
    tenantId: tenant.id,
    name: tenant.name,
    how,
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    problems: await problemsOf(tenant, how, surroundings, holds),
    hash: createHash("sha256")
      .update(JSON.stringify([tenant.id, how, tenant.tier, tenant.databaseId, tenant.schema, counted]))
      .digest("hex"),
  };
  return { plan, counted, surroundings };
}

async function countAll(
  tenant: LivingTenant,
  signal: AbortSignal | undefined,
): Promise<{ counted: Counted; holds: string[] }> {
  const tables = await tablesOf(tenant);
  const own = ownRow(tenant);
  const listed = await atHome(tenant, (home) => tally(home, own));
  return await withDatabase(
    tenant.databaseId,
    async (client) => {
      const holds = (await standingHolds(client)).map(({ name }) => name);
      await client.query("SET LOCAL row_security = off");
      await speakPlainly(client);
      const tallies: Record<string, Tally> = {};
      tallies[nameOf(own)] = await readOwnRow(client, tenant, (where) => tally(where, own));
      for (const table of tables) tallies[nameOf(table)] = await tally(client, table);
      return { counted: { tallies, listed }, holds };
    },
    { limits: signal ? limits.bulk : limits.long, signal },
  );
}

export function refuseBlocked({ problems }: LeavePlan): void {
  const blocking = problems.find((problem) => problem.severity === "blocking");
  if (blocking) throw new Refusal("conflict", `${blocking.subject}: ${blocking.message}`, { fix: blocking.fix });
}

/**
 * Archives or deletes a tenant by a job, after a plan that was shown. The subject is typed, a reason and the password are given, and a
 * second person has approved this very plan.
 */
export async function leaveTenant(actor: Actor, { tenantId, how, ...consent }: Leave): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const tenant = await livingTenant(tenantId);
  const { plan } = await countPlan(tenant, how);
  refuseBlocked(plan);
  return await inControl(
    actor,
    async (tx, client) => {
      await refuseMoved(client, tenant);
      await refuseLeaving(client, tenant);
      await refuseExporting(client, tenant);
      const need = {
        verb: `tenants.${how}`,
        tier: "irreversible" as const,
        subject: plan.name,
        planHash: plan.hash,
        secondPerson: how === "delete",
      };
      await requireConsent(tx, actor, need, consent);
      return {
        jobId: await enqueueWith(client, actor, {
          kind: "tenants.leave",
          title: `${how === "archive" ? "Archive" : "Deletion"} of ${plan.name}`,
          input: { tenantId, how, reason: consent.reason ?? "" },
          planHash: plan.hash,
        }),
      };
    },
    { reason: consent.reason ?? null },
  );
}
