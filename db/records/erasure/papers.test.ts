import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { placements, tenantPapers, tenants } from "../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { eraseRows } from "./job/erase.ts";
import { readErasure } from "./list.ts";
import { agree, confirmPersonal, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let home: Adopted;
let away: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  home = await usersDatabase();
  away = await usersDatabase();
});

afterAll(async () => {
  await home.client.end();
  await away.client.end();
  await closeFleet();
  await closeControl();
});

async function usersDatabase(): Promise<Adopted> {
  const db = await adoptedDatabase("CREATE TABLE users (id bigint PRIMARY KEY, email text)");
  await confirmPersonal(db.id, "public.users.email");
  await db.client.query("INSERT INTO users VALUES (1, 'grace@example.com')");
  return db;
}

/** A tenant that left, with a file that is kept and a certificate that is none. */
async function left(
  key: string,
  madeAt: string,
  kind: "archive" | "export",
): Promise<{ tenant: string; file: string }> {
  const [tenant] = await control()
    .insert(tenants)
    .values({ homeDatabaseId: home.id, key, name: key, status: "archived" })
    .returning({ id: tenants.id });
  const tenantId = tenant?.id ?? "";
  const papers = await control()
    .insert(tenantPapers)
    .values([
      { tenantId, kind, object: `tenants/${tenantId}-0.sql`, facts: {}, madeBy: "Ada", madeAt },
      { tenantId, kind: "certificate" as const, facts: {}, madeBy: "Ada", madeAt },
    ])
    .returning({ id: tenantPapers.id });
  return { tenant: tenantId, file: papers[0]?.id ?? "" };
}

test("files of tenants that lived in the database are listed with their dates, in the plan and on the certificate", async () => {
  const zen = await left("zen", "2026-02-03T04:05:06Z", "archive");
  const acme = await left("acme", "2026-01-02T03:04:05Z", "export");
  const place = { tier: "database", databaseId: away.id, schema: "public", state: "dropped" } as const;
  await control()
    .insert(placements)
    .values({ ...place, tenantId: acme.tenant });
  const exported = { id: acme.file, kind: "export", tenantId: acme.tenant, madeAt: "2026-01-02T03:04:05.000Z" };
  const archived = { id: zen.file, kind: "archive", tenantId: zen.tenant, madeAt: "2026-02-03T04:05:06.000Z" };
  expect((await search(admin.actor, away, { table: "users", record: "1" })).plan.papers).toEqual([exported]);
  const { id, plan } = await search(admin.actor, home, { table: "users", record: "1" });
  expect(plan.papers).toEqual([exported, archived]);
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  const { certificate } = await readErasure(admin.actor, id);
  expect(await openCertificate(certificate ?? "")).toMatchObject({ papers: [exported, archived] });
});

test("backups that hold the person are listed with the date when they go, in the plan and on the certificate", async () => {
  const db = await usersDatabase();
  const { rows: made } = await controlPool().query<{ id: string }>(
    `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at)
     SELECT $1, 'shop', state, state || '.dump', 'x', at::timestamptz
       FROM (VALUES ('good', '2026-11-01T00:00:00Z'), ('expired', '2026-10-01T00:00:00Z'), ('good', '2026-11-20T00:00:00Z')) AS one (state, at)
     RETURNING id`,
    [db.id],
  );
  const [older, , newest] = made.map(({ id }) => id);
  const found = async () => (await search(admin.actor, db, { table: "users", record: "1" })).plan.backups;
  const began = { older: "2026-11-01T00:00:00.000Z", newest: "2026-11-20T00:00:00.000Z" };
  expect(await found()).toEqual([
    { id: older, startedAt: began.older, expiresAt: null, stays: null },
    { id: newest, startedAt: began.newest, expiresAt: null, stays: "newest" },
  ]);
  await controlPool().query(
    "INSERT INTO backup_retentions (database_id, keep_days, reason) VALUES ($1, 30, 'Our terms')",
    [db.id],
  );
  const { id, plan } = await search(admin.actor, db, { table: "users", record: "1" });
  const backups = [
    { id: older, startedAt: began.older, expiresAt: "2026-12-01T00:00:00.000Z", stays: null },
    { id: newest, startedAt: began.newest, expiresAt: "2026-12-20T00:00:00.000Z", stays: "newest" },
  ];
  expect(plan.backups).toEqual(backups);
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  const { certificate } = await readErasure(admin.actor, id);
  expect(await openCertificate(certificate ?? "")).toMatchObject({ backups });
  await controlPool().query(
    "INSERT INTO legal_holds (name, kind, database_id, schema, \"table\", record, reason) VALUES ('Smith', 'record', $1, 'public', 'orders', '7', 'case')",
    [db.id],
  );
  expect((await found()).map(({ stays }) => stays)).toEqual(["held", "held"]);
  await db.client.end();
});
