import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, control } from "../../../control.ts";
import { closeFleet, withDatabase } from "../../../fleet.ts";
import { enforceHolds } from "../../../holding/enforce.ts";
import { modelOf } from "../../../holding/tables.ts";
import { systemActor } from "../../../mint.ts";
import { purgeBatches, purgeRuns } from "../../../schema/purges.ts";
import { legalHolds } from "../../../schema/retention.ts";
import { placements, tenants } from "../../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../../testing/adopted.ts";
import { freshControl, freshDatabase } from "../../../testing/databases.ts";
import { person } from "../../../testing/people.ts";
import { registerDatabase } from "../../../testing/register.ts";
import { placeHoldSchema } from "../../holds/contract.ts";
import { placeHold } from "../../holds/place.ts";
import { policiesOf } from "../policies.ts";
import { forgetPolicies, policy, run } from "../testing/purging.ts";
import { attempt, settle } from "./attempts.ts";
import { countDue } from "./count.ts";
import { readScope } from "./run.ts";

const ddl = `
CREATE TABLE users (id int PRIMARY KEY, tenant text NOT NULL, deleted_at timestamptz);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, parent_id int REFERENCES orders, deleted_at timestamp);
CREATE TABLE items (order_id int REFERENCES orders ON DELETE CASCADE, line int, PRIMARY KEY (order_id, line));
CREATE TABLE labels (id int PRIMARY KEY, order_id int, line int, FOREIGN KEY (order_id, line) REFERENCES items ON DELETE CASCADE);
CREATE TABLE invoices (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE SET NULL);
CREATE TABLE files (id int PRIMARY KEY, gone boolean NOT NULL DEFAULT false);
CREATE TABLE events (id int, day date, deleted_at timestamptz, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`;

const system = systemActor("worker");
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  const soft = { softDelete: { column: "deleted_at", kind: "timestamp" as const } };
  const toUsers = { schema: "public", table: "users", columns: ["user_id"], parentColumns: ["id"] };
  db = await adoptedDatabase(ddl, {
    users: { ...soft, class: "tenant", tenantColumn: "tenant", tenant: { kind: "column", column: "tenant" } },
    orders: {
      ...{ ...soft, class: "child", tenantPath: [toUsers] },
      tenant: { kind: "path", steps: [toUsers], column: "tenant" },
    },
    files: { softDelete: { column: "gone", kind: "boolean" } },
    events: soft,
  });
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

beforeEach(async () => {
  await forgetPolicies();
  await control().update(legalHolds).set({ releasedAt: new Date().toISOString() });
  await enforceHolds(system, db.id);
  await sql("TRUNCATE users, orders, items, labels, invoices, files, events");
});

async function sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await db.client.query<Row>(text, values)).rows;
}

async function left(table: string, column = "id"): Promise<unknown[]> {
  return (await sql<{ id: unknown }>(`SELECT ${column} AS id FROM ${table} ORDER BY 1`)).map(({ id }) => id);
}

async function due() {
  const scope = await readScope(db.id, await modelOf(db.id), true);
  return withDatabase(db.id, (client) => countDue(client, scope, true));
}

describe("a purge", () => {
  test("removes what is marked and past its grace period, and nothing else", async () => {
    await sql(`INSERT INTO users VALUES (1, 'a', now() - interval '31 days'), (2, 'a', now() - interval '29 days'), (3, 'a', NULL),
                 (4, 'b', now() - interval '31 days'), (5, 'c', now() - interval '31 days'), (6, 'd', now())`);
    await policy(db.id, "users");
    await policy(db.id, "users", { tenant: "b", deletion: "never", graceDays: 0, onAt: null });
    await policy(db.id, "users", { tenant: "c", graceDays: 5, onAt: null });
    await policy(db.id, "users", { tenant: "d", deletion: "hard", graceDays: 0 });
    expect(await due()).toEqual([
      { table: "public.users", tenant: "a", rows: 1, held: 0, blocked: 0 },
      { table: "public.users", tenant: "c", rows: 1, held: 0, blocked: 0 },
      { table: "public.users", tenant: "d", rows: 1, held: 0, blocked: 0 },
    ]);
    expect(await run(system, db.id)).toMatchObject({ removed: 2, notes: [] });
    expect(await left("users")).toEqual([2, 3, 4, 5]);
  });

  test("goes from children to parents, takes what hangs from a row without a mark of its own, and leaves the rest of the world alone", async () => {
    await sql(`INSERT INTO users SELECT id, 'a', now() - interval '40 days' FROM generate_series(1, 4) AS id;
      INSERT INTO orders VALUES (10, 1, NULL, now() - interval '40 days'), (11, 1, 10, now() - interval '40 days'),
        (20, 2, NULL, now() - interval '1 day'), (30, 3, NULL, NULL);
      INSERT INTO items SELECT id, 1 FROM orders; INSERT INTO labels SELECT id, id, 1 FROM orders; INSERT INTO invoices VALUES (1, 4)`);
    await policy(db.id, "users");
    await policy(db.id, "orders");
    expect(await due()).toEqual([
      { table: "public.orders", tenant: "a", rows: 2, held: 0, blocked: 0 },
      { table: "public.users", tenant: "a", rows: 1, held: 0, blocked: 3 },
    ]);
    expect(await run(system, db.id, { rows: 1 })).toMatchObject({ removed: 7 });
    expect(await left("users")).toEqual([2, 3, 4]);
    expect(await left("orders")).toEqual([20, 30]);
    expect(await left("items", "order_id")).toEqual([20, 30]);
    expect(await left("labels")).toEqual([20, 30]);
    expect(await left("invoices", "user_id")).toEqual([4]);
    const entries = await sql(
      `SELECT resource_type AS name, resource_id AS id, tenant_id AS tenant, old_values IS NOT NULL AS kept, metadata ->> 'reason' AS reason
         FROM caretaker.audit_logs WHERE action = 'delete' AND resource_id = '10'`,
    );
    expect(entries).toContainEqual({
      ...{ name: "orders", id: "10", tenant: "a", kept: true },
      reason: "Purge: past the grace period of its policy",
    });
  });

  test("knows of a flag when the log saw it set, and never removes one that nobody saw", async () => {
    await sql("INSERT INTO files VALUES (1, false), (2, true); UPDATE files SET gone = true WHERE id = 1");
    await policy(db.id, "files", { deletion: "hard", graceDays: 0 });
    expect(await run(system, db.id)).toMatchObject({ removed: 1 });
    expect(await left("files")).toEqual([2]);
  });

  test("goes through partitions", async () => {
    await sql(
      `INSERT INTO events SELECT i, date '2026-01-10' + (i % 2) * 31, now() - interval '31 days' FROM generate_series(1, 50) AS i`,
    );
    await policy(db.id, "events");
    expect(await run(system, db.id, { rows: 7 })).toMatchObject({ removed: 50 });
    expect(await left("events")).toEqual([]);
  });

  test("leaves what a hold keeps, and what would take held rows along", async () => {
    await sql(`INSERT INTO users SELECT id, 'a', now() - interval '40 days' FROM generate_series(1, 3) AS id;
      INSERT INTO orders VALUES (10, NULL, NULL, now() - interval '40 days'), (11, NULL, NULL, now() - interval '40 days');
      INSERT INTO items VALUES (10, 1), (11, 1)`);
    await policy(db.id, "users");
    await policy(db.id, "orders");
    const administrator = await person("administrator");
    const place = (hold: object) =>
      placeHold(
        administrator.actor,
        placeHoldSchema.parse({ databaseId: db.id, kind: "record", reason: "x", ...hold }),
      );
    await place({ name: "user", table: "public.users", record: "2" });
    await place({ name: "item", table: "public.items", record: '["10","1"]' });
    expect(await run(system, db.id)).toMatchObject({ removed: 4, notes: [] });
    expect(await left("users")).toEqual([2]);
    expect(await left("orders")).toEqual([10]);
    expect(await due()).toMatchObject([
      { table: "public.orders", rows: 0, held: 0, blocked: 1 },
      { table: "public.users", rows: 0, held: 1, blocked: 0 },
    ]);
  });

  test("waits for nobody: a row that the application has locked is left for another time", async () => {
    await sql("INSERT INTO files VALUES (1, false), (2, false); UPDATE files SET gone = true");
    await policy(db.id, "files", { deletion: "hard", graceDays: 0 });
    await sql("BEGIN");
    await sql("SELECT FROM files WHERE id = 1 FOR UPDATE");
    expect(await run(system, db.id)).toMatchObject({ removed: 1 });
    await sql("ROLLBACK");
    expect(await left("files")).toEqual([1]);
  });

  test("leaves rows that a trigger of the application keeps, and says so", async () => {
    await sql(`INSERT INTO files VALUES (1, false); UPDATE files SET gone = true;
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER keep BEFORE DELETE ON files FOR EACH ROW EXECUTE FUNCTION keep()`);
    await policy(db.id, "files", { deletion: "hard", graceDays: 0 });
    const { removed, notes } = await run(system, db.id);
    expect({ removed, notes }).toEqual({
      removed: 0,
      notes: [expect.stringMatching(/trigger or rule.*public\.files/)],
    });
    await sql("DROP FUNCTION keep CASCADE");
  });

  test("writes each batch down before, settles it after, and knows of one whose worker died whether it went", async () => {
    await sql("INSERT INTO users SELECT id, 'a', now() - interval '40 days' FROM generate_series(1, 25) AS id");
    await policy(db.id, "users");
    const id = randomUUID();
    expect(await run(system, db.id, { id, rows: 10 })).toMatchObject({ removed: 25 });
    const batches = await control().select().from(purgeBatches).where(eq(purgeBatches.runId, id));
    expect(batches.every(({ state }) => state === "confirmed")).toBe(true);
    expect(batches.flatMap(({ removed }) => removed ?? []).reduce((sum, { rows }) => sum + rows, 0)).toBe(25);
    const [one] = batches;
    await control().update(purgeBatches).set({ state: "attempted", removed: null }).where(eq(purgeBatches.runId, id));
    const lost = randomUUID();
    const of = { databaseId: db.id, schema: "public", table: "users", planned: 5 };
    await control()
      .insert(purgeBatches)
      .values({ ...of, id: lost, runId: id });
    for (const batch of [...batches, { id: lost, databaseId: db.id }]) await settle(system, batch);
    const after = await control().select().from(purgeBatches).where(eq(purgeBatches.runId, id));
    expect(after.find((batch) => batch.id === one?.id)).toMatchObject({ state: "confirmed", removed: one?.removed });
    expect(after.find((batch) => batch.id === lost)).toMatchObject({ state: "void" });
    await expect(sql("INSERT INTO caretaker.purged_batches (id) VALUES ($1)", [lost])).rejects.toThrow(/duplicate key/);
    await control().delete(purgeBatches).where(eq(purgeBatches.runId, id));
    await control().delete(purgeRuns).where(eq(purgeRuns.id, id));
  });

  test("waits for a hold that followed its tenant here, as for one that was placed here", async () => {
    await sql("INSERT INTO users VALUES (1, 'zen', now() - interval '40 days')");
    await policy(db.id, "users");
    const home = await registerDatabase(await freshDatabase());
    const [tenant] = await control()
      .insert(tenants)
      .values({ homeDatabaseId: home, key: "zen", name: "Zen" })
      .returning();
    await control()
      .insert(placements)
      .values({ tenantId: tenant?.id ?? "", databaseId: db.id, schema: "public", tier: "shared", state: "open" });
    const runId = randomUUID();
    await control().insert(purgeRuns).values({ id: runId, databaseId: db.id, dry: false });
    const [hold] = await control()
      .insert(legalHolds)
      .values({ name: "followed", kind: "tenant", tenant: "zen", databaseId: home, reason: "x" })
      .returning({ id: legalHolds.id });
    const batch = { id: randomUUID(), runId, databaseId: db.id, schema: "public", table: "users", planned: 1 };
    const [{ id = "", onAt = null } = {}] = await policiesOf(db.id);
    const { holds } = await attempt(system, batch, [{ id, onAt }]);
    expect(holds).toEqual([hold?.id]);
  });
});
