import { createHash } from "node:crypto";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { listAdopted, withDatabase } from "../../fleet.ts";
import { modelOf } from "../../holding/tables.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { purgePolicies, purgeRuns } from "../../schema/purges.ts";
import { limits } from "../../transaction.ts";
import type { Policy, PolicyChange, PolicyPlan, PurgeNow, SetPolicy, SwitchOn } from "./contract.ts";
import { tenantsElsewhere, withInherited } from "./inherited.ts";
import { purgeJob } from "./jobs.ts";
import { policiesOf, policySubject, withNames } from "./policies.ts";
import { simulate } from "./purge/count.ts";
import { scopeOf } from "./purge/scope.ts";

/** How far ahead a simulation looks. */
const horizonDays = 90;

/** What a policy would remove, and when. Nothing is set by it. */
export async function planPolicy(actor: Actor, change: PolicyChange): Promise<PolicyPlan> {
  authorise(actor, "records.read");
  const { databaseId, table, tenant } = change;
  const databaseName = await nameOf(databaseId);
  const model = await modelOf(databaseId);
  const [schema = "", name = ""] = table.split(".");
  const managed = model.managed.find((one) => one.schema === schema && one.name === name);
  if (!managed) throw invalid("table", `The model of ${databaseName} has no table ${table}.`);
  if (managed.softDelete === null) {
    throw invalid(
      "table",
      `Rows of ${table} are not marked as deleted but removed at once, so that there is nothing to purge.`,
    );
  }
  const policies = await policiesOf(databaseId);
  const isOwn = (one: Policy) => one.schema === schema && one.name === name && one.tenant === tenant;
  const before = policies.find(isOwn) ?? null;
  const planned: Policy = {
    ...{ id: "", databaseId, schema, name, tenant, deletion: change.deletion, graceDays: change.graceDays },
    ...{ reason: "", setBy: null, setAt: "", onAt: null, onBy: null },
  };
  const then = await withInherited(databaseId, [...policies.filter((one) => !isOwn(one)), planned]);
  const simulation = await withDatabase(
    databaseId,
    async (client) => {
      const scope = await scopeOf(client, model, then, true);
      const spokenOf = scope.tables.filter((one) => one.policies.some(({ id }) => id === planned.id));
      return simulate(client, { ...scope, tables: spokenOf }, horizonDays);
    },
    { limits: limits.long },
  );
  const parts = [databaseId, table, tenant, change.deletion, change.graceDays, before?.id ?? null];
  return {
    databaseName,
    subject: policySubject(databaseName, change),
    before,
    after: change,
    simulation: await withNames(simulation, databaseId),
    tenantsElsewhere: await tenantsElsewhere(databaseId, tenant),
    hash: createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32),
  };
}

/**
 * Sets how long marked rows stay. One person is enough, since nothing goes by it: the new policy counts until it is switched on,
 * and one that was on before is off from now on. A policy of "never" holds at once.
 */
export async function setPolicy(actor: Actor, input: SetPolicy): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const plan = await planPolicy(actor, input);
  const { databaseId, table: named, tenant, deletion, graceDays, reason, planHash } = input;
  const [schema = "", table = ""] = named.split(".");
  return inControl(
    actor,
    async (tx) => {
      const need = { verb: "retention.policy", tier: "costly", subject: plan.subject, planHash: plan.hash } as const;
      await requireConsent(tx, actor, need, { planHash, reason });
      await tx
        .update(purgePolicies)
        .set({ replacedAt: sql`now()` })
        .where(
          and(
            eq(purgePolicies.databaseId, databaseId),
            eq(purgePolicies.schema, schema),
            eq(purgePolicies.table, table),
            sql`${purgePolicies.tenant} IS NOT DISTINCT FROM ${tenant}`,
            isNull(purgePolicies.replacedAt),
          ),
        );
      const [row] = await tx
        .insert(purgePolicies)
        .values({ databaseId, schema, table, tenant, deletion, graceDays, reason, setBy: actor.staffId })
        .returning({ id: purgePolicies.id });
      if (!row) throw new Error("The policy was not recorded.");
      return row;
    },
    { reason },
  );
}

/** The hash that switching a policy on is agreed on. */
export function switchOnHash({ id, deletion, graceDays }: Pick<Policy, "id" | "deletion" | "graceDays">): string {
  return createHash("sha256").update(`on ${id} ${deletion} ${graceDays}`).digest("hex").slice(0, 32);
}

/** Lets a policy remove rows from the next run on. Needs a dry run since it was set, and a second person. */
export async function switchOn(actor: Actor, { id, ...consent }: SwitchOn): Promise<void> {
  authorise(actor, "records.purge");
  await inControl(
    actor,
    async (tx) => {
      const policy = await standing(tx, id);
      if (policy.onAt !== null)
        throw new Refusal("conflict", "It is switched on already.", { fix: "Reload the page." });
      if (policy.deletion === "never") throw new Refusal("conflict", "This policy removes nothing.");
      const [dry] = await tx
        .select({ id: purgeRuns.id })
        .from(purgeRuns)
        .where(
          and(
            eq(purgeRuns.databaseId, policy.databaseId),
            eq(purgeRuns.dry, true),
            eq(purgeRuns.state, "done"),
            gt(purgeRuns.startedAt, policy.setAt),
          ),
        )
        .limit(1);
      if (!dry) {
        throw new Refusal("conflict", "There was no dry run since this policy was set.", {
          fix: "Start one, look at what it counts, and switch the policy on then.",
        });
      }
      const subject = policySubject(await nameOf(policy.databaseId), {
        table: `${policy.schema}.${policy.table}`,
        tenant: policy.tenant,
      });
      const need = { tier: "irreversible", subject, planHash: switchOnHash(policy), secondPerson: true } as const;
      await requireConsent(tx, actor, { verb: "records.purge", ...need }, consent);
      await tx.update(purgePolicies).set({ onAt: sql`now()`, onBy: actor.staffId }).where(eq(purgePolicies.id, id));
    },
    { reason: consent.reason ?? null },
  );
}

/** Stops a policy at once: a run that is under way ends before its next batch. */
export async function switchOff(actor: Actor, { id }: { id: string }): Promise<void> {
  authorise(actor, "retention.manage");
  await inControl(actor, async (tx) => {
    await standing(tx, id);
    await tx.update(purgePolicies).set({ onAt: null, onBy: null }).where(eq(purgePolicies.id, id));
  });
}

/** Does what the next daily run would do, now. */
export async function startPurge(actor: Actor, { databaseId, dry }: PurgeNow): Promise<{ jobId: string }> {
  authorise(actor, dry ? "retention.manage" : "records.purge");
  const name = await nameOf(databaseId);
  return inControl(actor, async (_tx, client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('records.purge'), hashtext($1))", [databaseId]);
    const { rowCount } = await client.query(
      "SELECT FROM jobs WHERE kind = 'records.purge' AND state IN ('queued', 'running') AND input ->> 'databaseId' = $1",
      [databaseId],
    );
    if (rowCount !== 0) {
      throw new Refusal("conflict", `A run over ${name} is under way.`, { fix: "Wait until it is over." });
    }
    return { jobId: await enqueueWith(client, actor, purgeJob(databaseId, name, dry)) };
  });
}

async function standing(tx: Control, id: string): Promise<typeof purgePolicies.$inferSelect> {
  const [policy] = await tx
    .select()
    .from(purgePolicies)
    .where(and(eq(purgePolicies.id, id), isNull(purgePolicies.replacedAt)))
    .for("update");
  if (policy) return policy;
  throw new Refusal("not_found", "This policy was replaced.", { fix: "Reload the page." });
}

async function nameOf(databaseId: string): Promise<string> {
  const found = (await listAdopted()).find(({ id }) => id === databaseId);
  if (found) return found.name;
  throw new Refusal("not_found", "There is no such adopted database.", { fix: "Choose one from Databases." });
}

function invalid(field: string, message: string): Refusal {
  return new Refusal("invalid", message, { fieldErrors: { [field]: message } });
}
