import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase } from "../fleet.ts";
import { adoptControl } from "../managed/control.ts";
import { staffActor } from "../mint.ts";
import { placements, tenants } from "../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import type { AuditEntry, AuditFilter } from "./contract.ts";
import { newestFirst, searchAudit } from "./search.ts";

const ddl = `
  CREATE TABLE tenants (id text PRIMARY KEY, name text);
  CREATE TABLE users (id bigint PRIMARY KEY, name text, email text);
  CREATE TABLE payments (id bigint PRIMARY KEY, tenant_id text, amount numeric(10,2));`;

let one: Adopted;
let two: Adopted;
let admin: Awaited<ReturnType<typeof person>>;
const request = randomUUID();

beforeAll(async () => {
  await freshControl();
  const control = await controlPool().connect();
  await adoptControl(control);
  control.release();
  admin = await person("administrator", "Ada");
  const payments = { tenant: { kind: "column", column: "tenant_id" } as const, tenantColumn: "tenant_id" };
  const usersTable = { schema: "public", table: "users", key: "id", name: "name", slug: null };
  one = await adoptedDatabase(ddl, { payments }, { usersTable });
  two = await adoptedDatabase(ddl, { payments }, { usersTable });
  for (const { client } of [one, two]) {
    await client.query("INSERT INTO users SELECT n, 'User ' || n, n || '@example.com' FROM generate_series(1, 3) n");
    await client.query("BEGIN");
    await client.query(
      "SELECT caretaker.set_context(user_id => '2', tenant_id => 'acme', ip_address => '10.1.2.3', request_id => $1, reason => 'import')",
      [request],
    );
    await client.query(
      "INSERT INTO payments SELECT n, CASE n % 2 WHEN 0 THEN 'acme' ELSE 'zeta' END, n FROM generate_series(1, 60) n",
    );
    await client.query("COMMIT");
    await client.query("UPDATE payments SET amount = amount + 1 WHERE id <= 10");
    await client.query("DELETE FROM payments WHERE id <= 5");
  }
});

afterAll(async () => {
  await one.client.end();
  await two.client.end();
  await closeFleet();
  await closeControl();
});

async function all(filter: AuditFilter, size: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof searchAudit>> = await searchAudit(admin.actor, filter, cursor, size);
    expect(page.silent).toEqual([]);
    entries.push(...page.rows);
    cursor = page.next;
  } while (cursor !== null);
  return entries;
}

describe("searchAudit", () => {
  test("pages over several databases never overlap, miss nothing and stay sorted, also at equal times", async () => {
    for (const { client } of [one, two]) {
      await client.query(
        `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id)
         SELECT '2026-01-05T00:00:00.000001Z', 1000 * (n % 7) + n, '78', 'burst', 'bursts', n FROM generate_series(1, 120) n`,
      );
    }
    const entries = await all({}, 7);
    const keys = entries.map((entry) => `${entry.at} ${entry.id} ${entry.database}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(entries).toEqual(entries.toSorted(newestFirst));
    for (const { id } of [one, two]) expect(entries.filter(({ database }) => database === id)).toHaveLength(198);
    expect(entries.some(({ database, table }) => database === consoleDatabase && table === "staff")).toBe(true);
  });

  test("entries that two databases wrote with the very same key are both shown, whatever the page size", async () => {
    const at = "2026-02-03T04:05:06.789012Z";
    for (const { client } of [one, two]) {
      await client.query(
        `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id)
         SELECT $1, 1 + n, '77', 'twin', 'twins', n FROM generate_series(1, 3) n`,
        [at],
      );
    }
    for (const size of [1, 2, 3, 4, 5]) {
      const twins = await all({ q: "action:twin" }, size);
      expect(twins.map(({ database, record }) => `${record} ${database}`)).toEqual(
        ["3", "2", "1"].flatMap((record) =>
          [one.id, two.id]
            .toSorted()
            .toReversed()
            .map((id) => `${record} ${id}`),
        ),
      );
      expect(twins.every((entry) => entry.at === at)).toBe(true);
    }
  });

  test.each<[string, string, (entry: AuditEntry) => boolean, number]>([
    ["action", "action:delete", ({ action }) => action === "delete", 10],
    ["several actions", "action:delete,update", ({ action }) => action !== "create", 30],
    ["the beginning of an action", "action:del*", ({ action }) => action === "delete", 10],
    ["table", "table:users", ({ table }) => table === "users", 6],
    ["everything but a table", "-table:payments,bursts,twins -database:console", ({ table }) => table === "users", 6],
    ["table and action", "table:payments action:delete", ({ table }) => table === "payments", 10],
    ["schema", "schema:public table:payments", ({ schema }) => schema === "public", 150],
    ["record", "table:payments record:5", ({ record }) => record === "5", 6],
    ["records", "table:payments record:5,6", ({ record }) => record === "5" || record === "6", 10],
    ["actor", "actor:2", ({ actor }) => actor.name === "User 2" && actor.kind === "user", 120],
    ["actor by e-mail", "actor:2@example.com", ({ actor }) => actor.name === "User 2", 120],
    ["actor by name, whatever its case", 'actor:"USER 2"', ({ actor }) => actor.name === "User 2", 120],
    ["nobody's name", 'actor:"Nobody At All"', () => false, 0],
    ["unknown actor", "actor:none table:users", ({ actor }) => actor.role !== null, 6],
    ["a known actor", "actor:* table:users,payments", ({ actor }) => actor.id === "2", 120],
    [
      "everybody but one, entries of unknown actors among them",
      "-actor:2 table:payments",
      ({ actor }) => actor.id === null,
      30,
    ],
    ["tenant key", "tenant:acme", ({ tenant }) => tenant === "acme", 74],
    ["another tenant", "-tenant:acme table:payments", ({ tenant }) => tenant !== "acme", 76],
    ["no tenant", "tenant:none table:users", ({ tenant }) => tenant === null, 6],
    ["request", `request:${request}`, (entry) => entry.request === request && entry.reason === "import", 120],
    ["last hour", "at:-1h table:users", () => true, 6],
    ["before", "at:..2026-02-03 action:twin", () => true, 6],
    ["a day before", "at:..2026-02-02 action:twin", () => true, 0],
    ["a day", "at:2026-02-03 action:twin", () => true, 6],
    ["a month", "at:2026-02 action:twin", () => true, 6],
    ["a minute", "at:2026-02-03T04:05 action:twin", () => true, 6],
    ["a microsecond", "at:2026-02-03T04:05:06.789012 action:twin", () => true, 6],
    ["outside a day", "-at:2026-02-03 action:twin", () => true, 0],
    ["changed column", "changed:amount", ({ changed }) => changed.includes("amount"), 20],
    ["one of several changed columns", "changed:none_such,amount", () => true, 20],
    ["the beginning of a changed column", "changed:amo*", () => true, 20],
    ["value before", "old.amount:3 table:payments", ({ record }) => record === "3" || record === "2", 4],
    [
      "value after, also where it did not change",
      "new.tenant_id:acme action:update",
      ({ tenant }) => tenant === "acme",
      10,
    ],
    ["values before and after", "old.amount:3 new.amount:4", ({ action }) => action === "update", 2],
    ["range of values", "old.amount:2..3.5 action:update", ({ record }) => record === "2" || record === "3", 4],
    ["range of texts", 'old.name:"User 1".."User 2"', () => true, 0],
    ["no such column before", "old.name:none action:delete", ({ action }) => action === "delete", 10],
    ["a JSON null", "new.email:null table:users", () => false, 0],
    ["any value", "value:2@EXAMPLE table:users", ({ table }) => table === "users", 2],
    ["network", "ip:10.0.0.0/8", ({ ip }) => ip === "10.1.2.3", 120],
    ["address", "ip:10.1.2.3", ({ ip }) => ip === "10.1.2.3", 120],
    ["range of addresses", "ip:10.1.2.0..10.1.2.2", () => false, 0],
    ["no address", "ip:none table:users", ({ ip }) => ip === null, 6],
    ["reason", "reason:imp*", ({ reason }) => reason === "import", 120],
    ["database role", "role:postgres table:users", () => true, 6],
    ["any id, of an actor", "2 table:payments", ({ actor, record }) => actor.id === "2" || record === "2", 124],
    ["any id, of a request", request, (entry) => entry.request === request, 120],
    ["any name, of an actor", '"User 2"', ({ actor }) => actor.id === "2", 120],
    ["a name and an id together", '"User 2" 7', ({ record }) => record === "7", 2],
    ["everything but an id", "-acme table:payments", ({ tenant }) => tenant !== "acme", 76],
  ])("filters by %s", async (_name, q, holds, count) => {
    const entries = await all({ q }, 50);
    expect(entries.filter((entry) => !holds(entry))).toEqual([]);
    expect(entries.filter(({ database }) => database !== consoleDatabase)).toHaveLength(count);
  });

  test("asks whatever can be read, and no value of a term ever ends in the SQL", async () => {
    const value = fc.constantFrom(
      "a",
      "7",
      "1.5",
      "-0.1",
      "true",
      "1e5",
      "O'Reilly",
      '"q"',
      "100%",
      "\\",
      "$1",
      "😀",
      "{}",
      "[",
      "_",
    );
    const word = value.map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`);
    const field = fc.constantFrom(
      ..."action table schema record actor tenant changed value request reason agent role app".split(" "),
      ...["old.total", 'new."it\'s $1"', 'old."a\\"b"', "new.amount"],
    );
    const listed = fc
      .tuple(field, fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([name, list]) => `${name}:${list}`);
    const ranged = fc
      .tuple(fc.constantFrom("old.amount", "new.name"), word, word)
      .map(([name, a, b]) => `${name}:${a}..${b}`);
    const begun = fc
      .tuple(fc.constantFrom("action", "record", "old.x", "changed", "app"), word)
      .map(([name, a]) => `${name}:${a}*`);
    const other = fc.constantFrom(
      "ip:10.0.0.0/8,none",
      "ip:::1..ffff::",
      "tx:1,2",
      "at:-3d..",
      "actor:system",
      "new.x:null,none",
    );
    const term = fc
      .tuple(fc.constantFrom("", "-"), fc.oneof(listed, ranged, begun, other, word))
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 4 }), async (terms) => {
        const { silent } = await searchAudit(admin.actor, { database: one.id, q: terms.join(" ") });
        expect(silent).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("filters by transaction within one database", async () => {
    const [entry] = await all({ q: `request:${request}`, database: one.id }, 1000);
    const found = await all({ q: `tx:${entry?.transaction}`, database: one.id }, 1000);
    expect(found).toHaveLength(60);
  });

  test("a tenant is asked for only where it lives, by the key that it has there", async () => {
    const tenantId = randomUUID();
    await control().insert(tenants).values({ id: tenantId, homeDatabaseId: one.id, key: "acme", name: "Acme" });
    await control()
      .insert(placements)
      .values({ tenantId, tier: "shared", databaseId: one.id, schema: "public", state: "open" });
    const entries = await all({ tenant: tenantId, q: "table:payments" }, 50);
    expect(entries).toHaveLength(37);
    expect(entries.every(({ database }) => database === one.id)).toBe(true);
    const own = await all({ tenant: tenantId, database: consoleDatabase }, 50);
    expect(own.map(({ table }) => table)).toContain("tenants");
  });

  test("a database that does not answer is named, and the others answer all the same", async () => {
    const dead = await registerDatabase("postgres://nobody@127.0.0.1:1/nowhere");
    const page = await searchAudit(admin.actor, { q: "action:delete" });
    expect(page.silent).toEqual([{ databaseId: dead, name: "nowhere", reason: expect.stringMatching(/./) }]);
    expect(page.rows).toHaveLength(10);
  });

  test("is refused without the capability, and for a damaged page link", async () => {
    const powerless = staffActor({ staffId: admin.id, name: "Ada", role: "support", only: ["tenants.read"] });
    await expect(searchAudit(powerless, {})).rejects.toMatchObject({ code: "forbidden" });
    const broken = Buffer.from(JSON.stringify(["yesterday", "1", "x"])).toString("base64url");
    await expect(searchAudit(admin.actor, {}, broken)).rejects.toMatchObject({ code: "invalid" });
  });
});
