import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { eraseRows } from "./job/erase.ts";
import { erasureOfPlan, readErasure } from "./list.ts";
import { rehearseErasure } from "./rehearse.ts";
import { runErasure } from "./run.ts";
import { approved, confirmPersonal, runJob, search } from "./testing/erasing.ts";

// One database per tenant: the same key, with the same values, in each.

let admin: Person;
let officer: Person;
let databases: [Adopted, Adopted];

async function tenantDatabase(): Promise<Adopted> {
  const db = await adoptedDatabase("CREATE TABLE users (id bigint PRIMARY KEY, email text)");
  await confirmPersonal(db.id, "public.users.email");
  await db.client.query("INSERT INTO users VALUES (42, 'grace@example.com'), (43, 'alan@example.com')");
  return db;
}

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  databases = [await tenantDatabase(), await tenantDatabase()];
});

afterAll(async () => {
  for (const { client } of databases) await client.end();
  await closeFleet();
  await closeControl();
});

const reason = "Asked for by letter";

test("what was approved in one database is not approved in another that holds the same key", async () => {
  const [here, there] = databases;
  const asked = await search(admin.actor, here, { table: "users", record: "42" });
  const other = await search(admin.actor, there, { table: "users", record: "42" });
  expect(other.plan.hash).not.toBe(asked.plan.hash);
  const { subject, approvalId } = await approved(admin, officer, asked.id);
  const { hash } = await rehearseErasure(admin.actor, { id: other.id });
  expect((await readErasure(admin.actor, other.id)).subject).toBe(subject);
  expect(await erasureOfPlan(admin.actor, asked.plan.hash)).toBe(asked.id);
  const consent = { planHash: hash, approvalId, typed: subject, reason };
  await expect(runErasure(admin.actor, { id: other.id, ...consent })).rejects.toMatchObject({ code: "approval" });
});

test("the certificate names who gave the approval that was used, not whoever approved the same plan besides", async () => {
  const [db] = databases;
  const { id } = await search(admin.actor, db, { table: "users", record: "43" });
  const { subject, ...consent } = await approved(admin, officer, id);
  await approved(admin, await person("compliance", "Cy"), id);
  const { job } = await runErasure(admin.actor, { id, ...consent, typed: subject });
  await runJob(admin.actor, eraseRows, job);
  const { certificate } = await readErasure(admin.actor, id);
  expect(await openCertificate(certificate ?? "")).toMatchObject({ proposedBy: "Ada", approvedBy: "Bo" });
});
