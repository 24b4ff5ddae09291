import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../actor.ts";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { jobs } from "../../schema/jobs.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { policyChange, setPolicySchema } from "./contract.ts";
import { purgeJobs } from "./jobs.ts";
import { policiesOf } from "./policies.ts";
import { proposedSwitches } from "./proposed.ts";
import { listRuns } from "./runs.ts";
import { planPolicy, setPolicy, startPurge, switchOff, switchOn, switchOnHash } from "./set-policy.ts";

let db: Adopted;
let administrator: Person;
let compliance: Person;
let support: Person;

beforeAll(async () => {
  await freshControl();
  administrator = await person("administrator", "Ada");
  compliance = await person("compliance", "Bo");
  support = await person("support", "Cy");
  const table = "id int PRIMARY KEY, tenant text, deleted_at timestamptz";
  db = await adoptedDatabase(`CREATE TABLE users (${table}); CREATE TABLE plain (id int PRIMARY KEY)`, {
    users: { class: "tenant", tenantColumn: "tenant", softDelete: { column: "deleted_at", kind: "timestamp" } },
  });
  await db.client.query(`INSERT INTO users
    SELECT i, 'acme', now() - interval '40 days' FROM generate_series(1, 3) AS i UNION ALL
    SELECT i, 'zen', now() - interval '20 days' FROM generate_series(4, 9) AS i UNION ALL SELECT 10, 'zen', NULL`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const change = (more: object = {}) =>
  policyChange.parse({ databaseId: db.id, table: "public.users", deletion: "soft", graceDays: 30, ...more });

async function set(actor: Actor, more: object = {}): Promise<string> {
  const planned = change(more);
  const { hash } = await planPolicy(actor, planned);
  return (await setPolicy(actor, setPolicySchema.parse({ ...planned, planHash: hash, reason: "as agreed" }))).id;
}

/** Does the newest job, as a worker would. */
async function work(actor: Actor, dry: boolean): Promise<void> {
  const { jobId } = await startPurge(actor, { databaseId: db.id, dry });
  await expect(startPurge(actor, { databaseId: db.id, dry })).rejects.toMatchObject({ code: "conflict" });
  const [kind] = purgeJobs;
  const signal = new AbortController().signal;
  const job = { id: jobId, actor, signal, input: { databaseId: db.id, dry }, progress: async () => {}, log: () => {} };
  await kind?.run(job as unknown as RunningJob);
  await control().update(jobs).set({ state: "done" }).where(eq(jobs.id, jobId));
}

test("a simulation says what would go on which day, by table and tenant, before anything is set", async () => {
  const { simulation, subject } = await planPolicy(support.actor, change());
  expect(subject).toMatch(/public\.users$/);
  const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  expect(simulation.days).toEqual([
    { day: day(0), table: "public.users", tenant: "acme", rows: 3, held: 0 },
    { day: day(10), table: "public.users", tenant: "zen", rows: 6, held: 0 },
  ]);
  expect(await policiesOf(db.id)).toEqual([]);
  await expect(planPolicy(support.actor, change({ table: "public.plain" }))).rejects.toMatchObject({ code: "invalid" });
});

test("a policy counts until somebody else agrees to switch it on, and starts with counting again when it changes", async () => {
  await expect(set(support.actor)).rejects.toMatchObject({ code: "forbidden" });
  const id = await set(administrator.actor);
  const on = { id, planHash: switchOnHash({ id, deletion: "soft", graceDays: 30 }), reason: "looked at" };
  const subject = (await planPolicy(administrator.actor, change())).subject;
  const consent = { ...on, typed: subject };
  await expect(switchOn(administrator.actor, consent)).rejects.toThrow(/no dry run/);
  await work(administrator.actor, true);
  expect(await listRuns(support.actor, db.id)).toMatchObject([
    { dry: true, state: "done", removed: 0, counts: [{ table: "public.users", tenant: "acme", rows: 3 }] },
  ]);
  await expect(switchOn(administrator.actor, consent)).rejects.toMatchObject({ code: "approval" });
  const approvalId = await propose(administrator.actor, {
    verb: "records.purge",
    subject,
    planHash: on.planHash,
    reason: "x",
  });
  expect(await proposedSwitches(compliance.actor, [on])).toMatchObject([{ planHash: on.planHash, policy: { id } }]);
  await decide(compliance.actor, { id: approvalId, planHash: on.planHash, decision: "approve" });
  await switchOn(administrator.actor, { ...consent, approvalId });
  expect(await policiesOf(db.id)).toMatchObject([{ id, onBy: "Ada", onAt: expect.any(String) }]);
  await work(administrator.actor, false);
  const { rows } = await db.client.query("SELECT count(*)::int AS n FROM users");
  expect(rows).toEqual([{ n: 7 }]);
  expect(await listRuns(support.actor, db.id, 1)).toMatchObject([
    {
      dry: false,
      state: "done",
      removed: 3,
      counts: [{ table: "public.users", tenant: "acme", rows: 3, held: 0, blocked: 0 }],
    },
  ]);
  await set(administrator.actor, { graceDays: 10 });
  expect(await policiesOf(db.id)).toMatchObject([{ graceDays: 10, onAt: null }]);
  await work(administrator.actor, false);
  expect((await db.client.query("SELECT count(*)::int AS n FROM users")).rows).toEqual([{ n: 7 }]);
});

test("a policy is switched off by one person, at once", async () => {
  const [policy] = await policiesOf(db.id);
  await switchOff(compliance.actor, { id: policy?.id ?? "" });
  await expect(switchOff(support.actor, { id: policy?.id ?? "" })).rejects.toMatchObject({ code: "forbidden" });
  expect(await policiesOf(db.id)).toMatchObject([{ onAt: null }]);
});
