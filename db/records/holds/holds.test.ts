import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { releaseHash } from "../../audit/retention/holds.ts";
import { proposedReleases } from "../../audit/retention/proposed.ts";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import { systemActor } from "../../mint.ts";
import { databases } from "../../schema/fleet.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { placeHoldSchema } from "./contract.ts";
import { placeHold, releaseHold } from "./place.ts";
import { listStandingHolds } from "./standing.ts";

const ddl = `
CREATE TABLE users (id bigint PRIMARY KEY, email text);
CREATE TABLE accounts (id bigint PRIMARY KEY, tenant_id text NOT NULL, owner_id bigint REFERENCES users, status text);
CREATE TABLE lines (id bigint PRIMARY KEY, account_id bigint REFERENCES accounts ON DELETE CASCADE, price numeric(8,2));
INSERT INTO users VALUES (1, 'ann@example.com'), (2, 'bob@example.com');
INSERT INTO accounts VALUES (10, 'acme', 1, 'open'), (11, 'acme', 2, 'closed'), (20, 'zen', 2, 'open');
INSERT INTO lines VALUES (100, 10, 1), (110, 11, 2.5), (200, 20, 3)`;

const system = systemActor("test");
let app: Adopted;
let administrator: Person;
let compliance: Person;
let support: Person;

beforeAll(async () => {
  await freshControl();
  administrator = await person("administrator", "Ada");
  compliance = await person("compliance", "Bo");
  support = await person("support", "Cy");
  app = await adoptedDatabase(
    ddl,
    {
      accounts: { class: "tenant", tenantColumn: "tenant_id" },
      lines: {
        class: "child",
        tenantPath: [{ schema: "public", table: "accounts", columns: ["account_id"], parentColumns: ["id"] }],
      },
    },
    { usersTable: { schema: "public", table: "users", key: "id", name: null, slug: null } },
  );
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

type Given = Partial<Parameters<typeof placeHoldSchema.parse>[0] & object>;

async function place(hold: Given) {
  const input = { databaseId: app.id, reason: "Smith against Acme", ...hold };
  return placeHold(administrator.actor, placeHoldSchema.parse(input));
}

async function release(id: string, name: string): Promise<void> {
  const planHash = releaseHash({ id, name });
  const reason = "settled";
  const approvalId = await propose(administrator.actor, {
    verb: "retention.release_hold",
    subject: name,
    planHash,
    reason,
  });
  expect(await proposedReleases(compliance.actor, [{ planHash }])).toMatchObject([{ id, name, planHash }]);
  await decide(compliance.actor, { id: approvalId, planHash, decision: "approve" });
  await releaseHold(administrator.actor, { id, planHash, typed: name, reason, approvalId });
}

const run = (sql: string) => app.client.query(sql);

describe("a hold", () => {
  test("on a tenant stands when placing it answers, binds everybody, and is released by two people", async () => {
    const { id, standing } = await place({ name: "acme", kind: "tenant", tenant: "acme" });
    expect(standing).toMatchObject([{ databaseId: app.id, state: "in_force" }]);
    for (const sql of ["DELETE FROM lines WHERE id = 100", "DELETE FROM accounts WHERE id = 11"]) {
      await expect(run(sql)).rejects.toThrow(/The legal hold "acme" keeps public\./);
    }
    await run("BEGIN; DELETE FROM accounts WHERE id = 20; ROLLBACK");
    const planHash = releaseHash({ id, name: "acme" });
    const alone = { id, planHash, typed: "acme", reason: "settled" };
    await expect(releaseHold(administrator.actor, alone)).rejects.toMatchObject({ code: "approval" });
    await expect(releaseHold(support.actor, alone)).rejects.toMatchObject({ code: "forbidden" });
    await release(id, "acme");
    await run("BEGIN; DELETE FROM accounts WHERE id = 11; ROLLBACK");
    const { rows } = await run(
      "SELECT (SELECT count(*)::int FROM caretaker.holds) AS holds, (SELECT count(*)::int FROM caretaker.hold_guards) AS guards",
    );
    expect(rows).toEqual([{ holds: 0, guards: 0 }]);
  });

  test("on a person keeps the person's row and every row that points at it", async () => {
    const { id } = await place({ name: "bob", kind: "person", person: "02" });
    await expect(run("DELETE FROM accounts WHERE id = 20")).rejects.toThrow(/"bob" keeps public\.accounts 20/);
    await expect(run("UPDATE accounts SET owner_id = 1 WHERE id = 20")).rejects.toThrow(/"bob" knows/);
    await expect(run("DELETE FROM users WHERE id = 2")).rejects.toThrow(/"bob" keeps public\.users 2/);
    await run("BEGIN; DELETE FROM accounts WHERE id = 10; DELETE FROM users WHERE id = 1; ROLLBACK");
    await release(id, "bob");
  });

  test("on values reads them as the columns do", async () => {
    const { id } = await place({ name: "lines", kind: "filter", table: "public.lines", where: "price = 2.5\n" });
    await expect(run("DELETE FROM lines WHERE id = 110")).rejects.toThrow(/"lines" keeps public\.lines 110/);
    await run("BEGIN; DELETE FROM lines WHERE id = 100; ROLLBACK");
    await release(id, "lines");
  });

  test.each([
    [{ kind: "filter", table: "public.lines", where: "cost = 1" }, "where"],
    [{ kind: "filter", table: "public.lines", where: "price = much" }, "where"],
    [{ kind: "record", table: "public.lines", record: "one" }, "record"],
    [{ kind: "record", table: "public.nothing", record: "1" }, "table"],
    [{ kind: "table", table: "public.users", tenant: "acme" }, "tenant"],
  ])("that could keep nothing is refused: %o", async (hold: Given, field) => {
    await expect(place({ name: "void", ...hold })).rejects.toMatchObject({
      code: "invalid",
      fieldErrors: { [field]: expect.any(String) },
    });
  });

  test.each([
    [{ kind: "tenant", tenant: "acmee" }, 0],
    [{ kind: "record", table: "public.lines", record: "999" }, 0],
    [{ kind: "person", person: "77" }, 0],
    [{ kind: "tenant", tenant: "acme" }, 4],
    [{ kind: "person", person: "2" }, 3],
    [{ kind: "everything", databaseId: null }, 8],
  ])("tells how many rows it keeps, and that it keeps nothing: %o", async (hold: Given, rows) => {
    const { id, standing } = await place({ name: "counted", ...hold });
    const gaps = rows === 0 ? [expect.stringMatching("It keeps nothing now")] : [];
    expect(standing).toMatchObject([{ state: "in_force", kept: { rows, exact: true }, gaps }]);
    const [shown] = await listStandingHolds(administrator.actor);
    expect(shown?.standing).toEqual(standing);
    await release(id, "counted");
  });

  test.each([null, "console"])("on a table that does not exist in %s is refused", async (databaseId) => {
    await expect(place({ name: "void", kind: "table", table: "public.nothing", databaseId })).rejects.toMatchObject({
      code: "invalid",
      fieldErrors: { table: expect.any(String) },
    });
  });

  test("comes to stand on a table that is confirmed later, and on one that somebody unguarded", async () => {
    const { id } = await place({ name: "later", kind: "everything" });
    await run("ALTER TABLE lines DISABLE TRIGGER zzz_caretaker_hold_delete");
    await run(`DROP FUNCTION caretaker.${await guardOf("users")} CASCADE`);
    expect(await enforceHolds(system, app.id)).toEqual({ tables: 2 });
    await expect(run("DELETE FROM lines")).rejects.toThrow(/"later" keeps/);
    await expect(run("TRUNCATE users, accounts, lines")).rejects.toThrow(/"later" keeps/);
    expect(await enforceHolds(system, app.id)).toEqual({ tables: 0 });
    await release(id, "later");
  });

  test("that its database cannot take at once is told as such, and comes to stand later", async () => {
    await run("BEGIN; DELETE FROM lines WHERE id = 200");
    const placing = place({ name: "slow", kind: "tenant", tenant: "zen" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [hold] = await listStandingHolds(administrator.actor);
    expect(hold).toMatchObject({ name: "slow", standing: [{ state: "coming" }] });
    await run("ROLLBACK");
    expect((await placing).standing).toMatchObject([{ state: "in_force" }]);
    await expect(run("DELETE FROM lines WHERE id = 200")).rejects.toThrow(/"slow" keeps/);
    await release((await placing).id, "slow");
  });

  test("on a tenant follows it to where it lives", async () => {
    const tenant = randomUUID();
    const home = await adoptedDatabase("CREATE TABLE home (id int PRIMARY KEY)");
    await control().insert(tenants).values({ id: tenant, homeDatabaseId: home.id, key: "zen", name: "Zen" });
    const lives = { tenantId: tenant, databaseId: app.id, schema: "public", tier: "shared" as const };
    await control()
      .insert(placements)
      .values({ ...lives, state: "open" });
    const { id, standing } = await place({ name: "moved", kind: "tenant", tenant: "zen", databaseId: home.id });
    expect(standing.map(({ databaseId, state }) => `${databaseId} ${state}`).toSorted()).toEqual(
      [`${home.id} in_force`, `${app.id} in_force`].toSorted(),
    );
    await expect(run("DELETE FROM lines WHERE id = 200")).rejects.toThrow(/"moved" keeps/);
    await release(id, "moved");
    await run("BEGIN; DELETE FROM lines WHERE id = 200; ROLLBACK");
    await home.client.end();
  });

  test("needs a reason, and leaves its audit row", async () => {
    await expect(place({ name: "why", kind: "everything", reason: " " })).rejects.toThrow(/which case/);
    await expect(
      placeHold(support.actor, placeHoldSchema.parse({ name: "x", kind: "everything", reason: "y" })),
    ).rejects.toMatchObject({ code: "forbidden" });
    const before = await newestEntry();
    await place({ name: "noted", kind: "everything", databaseId: "console" });
    expect(await auditedSince(before)).toEqual([{ action: "create", table: "legal_holds", by: administrator.id }]);
  });
});

describe("a hold on a person", () => {
  let shop: Adopted;
  const at = (sql: string) => shop.client.query(sql);

  beforeAll(async () => {
    shop = await adoptedDatabase(
      `CREATE TABLE users (tenant_id text, id numeric(12,2) PRIMARY KEY, email text UNIQUE, code int, UNIQUE (tenant_id, id), UNIQUE (tenant_id, code));
       CREATE TABLE notes (id int PRIMARY KEY, tenant_id text, user_id bigint, FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id));
       CREATE TABLE mails (id int PRIMARY KEY, sender text REFERENCES users (email));
       CREATE TABLE cards (id int PRIMARY KEY, tenant_id text, code int, FOREIGN KEY (tenant_id, code) REFERENCES users (tenant_id, code));
       CREATE TABLE later (id int PRIMARY KEY, user_id bigint);
       INSERT INTO users VALUES ('acme', 1, 'ann@example.com', 7), ('acme', 2, 'bob@example.com', 8);
       INSERT INTO notes VALUES (1, 'acme', 1), (2, 'acme', 2); INSERT INTO mails VALUES (1, 'ann@example.com'), (2, 'bob@example.com');
       INSERT INTO cards VALUES (1, 'acme', 7), (2, 'acme', 8); INSERT INTO later VALUES (1, 1), (2, 2)`,
      {},
      { usersTable: { schema: "public", table: "users", key: "id", name: null, slug: null } },
    );
  });

  afterAll(() => shop.client.end());

  test("keeps rows that point by several columns, or at another column than the key, and no one else's", async () => {
    const { id } = await place({ name: "ann", kind: "person", person: "1", databaseId: shop.id });
    for (const table of ["notes", "mails", "cards", "users"]) {
      await expect(at(`DELETE FROM ${table} WHERE id = 1`)).rejects.toThrow(`"ann" keeps public.${table} 1`);
    }
    await at(
      "BEGIN; DELETE FROM notes WHERE id = 2; DELETE FROM mails WHERE id = 2; DELETE FROM cards WHERE id = 2; ROLLBACK",
    );
    await release(id, "ann");
  });

  test("comes to keep what points at the person later, and names the table that it cannot", async () => {
    const { id, standing } = await place({ name: "ann", kind: "person", person: "1", databaseId: shop.id });
    expect(standing).toMatchObject([{ state: "in_force", gaps: [] }]);
    await at("ALTER TABLE later ADD FOREIGN KEY (user_id) REFERENCES users");
    await at("CREATE TABLE unknown (id int PRIMARY KEY, user_id bigint REFERENCES users)");
    expect(await enforceHolds(system, shop.id)).toEqual({ tables: 1 });
    await expect(at("DELETE FROM later WHERE id = 1")).rejects.toThrow(/"ann" keeps public\.later 1/);
    await at("DELETE FROM later WHERE id = 2");
    const [hold] = await listStandingHolds(administrator.actor);
    expect(hold).toMatchObject({ name: "ann", standing: [{ state: "in_force" }] });
    expect(hold?.rules).toContainEqual({
      schema: "public",
      table: "later",
      tenant: null,
      record: null,
      values: { user_id: "1" },
    });
    expect(hold?.standing[0]?.gaps).toEqual([
      "public.unknown points at people and is not in the model, so its rows are not kept.",
    ]);
    expect(await enforceHolds(system, shop.id)).toEqual({ tables: 0 });
    await release(id, "ann");
  });
});

test("a hold on a person stays, and other holds come to stand, where what points at the person cannot be found any more", async () => {
  const { id } = await place({ name: "ann", kind: "person", person: "1" });
  const choose = (usersTable: typeof databases.$inferInsert.usersTable) =>
    control().update(databases).set({ usersTable }).where(eq(databases.id, app.id));
  await choose(null);
  await place({ name: "zen", kind: "tenant", tenant: "zen" });
  await expect(run("DELETE FROM users WHERE id = 1")).rejects.toThrow(/"ann" keeps/);
  await expect(run("DELETE FROM accounts WHERE id = 20")).rejects.toThrow(/"zen" keeps/);
  const shown = await listStandingHolds(administrator.actor);
  expect(shown.find((hold) => hold.id === id)?.standing[0]?.gaps).toEqual([
    expect.stringMatching(/names no table of users any more/),
  ]);
  await choose({ schema: "public", table: "users", key: "id", name: null, slug: null });
});

async function guardOf(table: string): Promise<string> {
  const { rows } = await run(
    `SELECT p.oid::regprocedure::text AS name FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
      WHERE t.tgrelid = '${table}'::regclass AND t.tgname = 'zzz_caretaker_hold_delete'`,
  );
  return String(rows[0]?.name).replace("caretaker.", "");
}
