import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { standingHolds } from "../../managed/holds/standing.ts";
import { limits } from "../../transaction.ts";
import { lockTenant } from "../lock.ts";
import type { Leave, LeavePlan, Leaving } from "./contract.ts";
import { type LivingTenant, livingTenant, speakPlainly, type Tally, tablesOf, tally } from "./tables.ts";

/** What leaves with a tenant, and what stands in the way. Nothing is changed. */
export async function planLeave(
  actor: Actor,
  { tenantId, how }: { tenantId: string; how: Leaving },
): Promise<LeavePlan> {
  authorise(actor, "tenants.read");
  const tenant = await livingTenant(tenantId);
  const { tallies, holds } = await tallyAll(tenant);
  const tables = Object.entries(tallies).map(([name, { rows }]) => ({ name, rows }));
  return {
    tenantId,
    name: tenant.name,
    how,
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    problems: [...(await problemsOf(tenant, how)), ...holds.map(holdProblem)],
    hash: createHash("sha256")
      .update(JSON.stringify([tenant.id, how, tenant.tier, tenant.databaseId, tenant.schema, tallies]))
      .digest("hex"),
  };
}

export async function tallyAll(tenant: LivingTenant): Promise<{ tallies: Record<string, Tally>; holds: string[] }> {
  const tables = await tablesOf(tenant);
  return await withDatabase(
    tenant.databaseId,
    async (client) => {
      const holds = (await standingHolds(client)).map(({ name }) => name);
      await client.query("SET LOCAL row_security = off");
      await speakPlainly(client);
      const tallies: Record<string, Tally> = {};
      for (const table of tables) tallies[`${table.schema}.${table.name}`] = await tally(client, table);
      return { tallies, holds };
    },
    { limits: limits.long },
  );
}

async function problemsOf(tenant: LivingTenant, how: Leaving): Promise<LeavePlan["problems"]> {
  const problems: LeavePlan["problems"] = [];
  if (tenant.status !== "suspended") {
    problems.push({
      severity: "blocking",
      subject: tenant.name,
      message: "It is not suspended, so that its application may write while it leaves.",
      fix: "Suspend it first.",
    });
  }
  const { rows } = await controlPool().query<{ backups: number }>(
    "SELECT count(*)::int AS backups FROM backups WHERE database_id = $1 AND state = 'good'",
    [tenant.databaseId],
  );
  const backups = rows[0]?.backups ?? 0;
  if (how === "delete" && backups > 0) {
    problems.push({
      severity: "warning",
      subject: `${backups} ${backups === 1 ? "backup" : "backups"} of ${tenant.databaseName}`,
      message: "They hold the tenant's rows until they are removed; the certificate names them.",
      fix: "Remove them when their time has come.",
    });
  }
  problems.push({
    severity: "note",
    subject: "the audit log",
    message: "Its entries about the tenant stay, and tell what was removed, until their retention ends.",
    fix: "Erase a person's values under Deleted, Erasures, where the law asks for it.",
  });
  return problems;
}

function holdProblem(name: string): LeavePlan["problems"][number] {
  return {
    severity: "blocking",
    subject: `hold ${name}`,
    message: "A hold stands in this database, and it may be on rows of this tenant.",
    fix: "Release the hold under Deleted, Holds, or wait until it is.",
  };
}

/**
 * Archives or deletes a tenant by a job, after a plan that was shown. The subject is typed, a reason and the password are given, and a
 * second person has approved this very plan.
 */
export async function leaveTenant(actor: Actor, { tenantId, how, ...consent }: Leave): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const plan = await planLeave(actor, { tenantId, how });
  const blocking = plan.problems.find((problem) => problem.severity === "blocking");
  if (blocking) throw new Refusal("conflict", `${blocking.subject}: ${blocking.message}`, { fix: blocking.fix });
  return await inControl(
    actor,
    async (tx, client) => {
      await lockTenant(client, tenantId);
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
