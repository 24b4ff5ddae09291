import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(
    `
CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);
CREATE TABLE posts (id integer PRIMARY KEY, tenant_id uuid REFERENCES tenants ON DELETE CASCADE, title text);
CREATE TABLE comments (id integer PRIMARY KEY, post_id integer REFERENCES posts ON DELETE CASCADE, body text);
CREATE TABLE likes (comment_id integer REFERENCES comments ON DELETE CASCADE, who text, PRIMARY KEY (comment_id, who));
CREATE TABLE settings (name text PRIMARY KEY);
CREATE TABLE countries (code text PRIMARY KEY);
INSERT INTO tenants VALUES ('11111111-1111-4111-8111-111111111111', 'one');
INSERT INTO posts VALUES (1, '11111111-1111-4111-8111-111111111111', 'a');
INSERT INTO comments VALUES (1, 1, 'c');`,
    {
      tenants: { tenant: { kind: "self", column: "id" } },
      posts: { tenant: { kind: "column", column: "tenant_id" } },
      comments: { tenant: { kind: "path", column: "tenant_id", steps: [toPosts] } },
      likes: { tenant: { kind: "path", column: "tenant_id", steps: [toComments, toPosts] } },
      settings: { tenant: { kind: "constant", key: "t-9" } },
    },
  );
});

const toPosts = { schema: "public", table: "posts", columns: ["post_id"], parentColumns: ["id"] };
const toComments = { schema: "public", table: "comments", columns: ["comment_id"], parentColumns: ["id"] };
const one = "11111111-1111-4111-8111-111111111111";

afterAll(() => db.close());

describe("the tenant of an entry", () => {
  it("comes from the row, from the tenants table's own key, or from the table's constant", async () => {
    const entries = await db.recorded(
      `UPDATE posts SET title = 'b'`,
      `UPDATE tenants SET name = 'uno'`,
      "INSERT INTO settings VALUES ('s')",
      "INSERT INTO countries VALUES ('ch')",
    );
    expect(entries.map((entry) => entry.tenant_id)).toEqual([one, one, "t-9", null]);
  });

  it("is found along the foreign keys of a child table", async () => {
    const entries = await db.recorded("UPDATE comments SET body = 'd'", "INSERT INTO likes VALUES (1, 'x')");
    expect(entries.map((entry) => entry.tenant_id)).toEqual([one, one]);
  });

  it("is what the application named when the parents were deleted in the same statement", async () => {
    const entries = await db.recorded(
      `BEGIN; SELECT caretaker.set_context(tenant_id => '${one}'); DELETE FROM posts; COMMIT`,
    );
    expect(entries.map((entry) => [entry.resource_type, entry.action, entry.tenant_id]).sort()).toEqual([
      ["comments", "delete", one],
      ["likes", "delete", one],
      ["posts", "delete", one],
    ]);
    expect(new Set(entries.map((entry) => entry.transaction_id)).size).toBe(1);
  });
});

describe("the actor of an entry", () => {
  it("is what the transaction set, and is forgotten when it ends", async () => {
    const context = "SELECT caretaker.set_context('u-1', 't-1', '203.0.113.9', 'Firefox', 'r-1', 'spring cleaning')";
    const [known, unknown] = await db.recorded(
      `BEGIN; ${context}; INSERT INTO countries VALUES ('de'); COMMIT`,
      "INSERT INTO countries VALUES ('fr')",
    );
    expect(known).toMatchObject({
      user_id: "u-1",
      tenant_id: "t-1",
      ip_address: "203.0.113.9",
      user_agent: "Firefox",
      request_id: "r-1",
    });
    expect(known?.metadata).toEqual({ role: "postgres", reason: "spring cleaning" });
    expect(unknown).toMatchObject({
      user_id: null,
      tenant_id: null,
      ip_address: null,
      user_agent: null,
      request_id: null,
    });
    expect(unknown?.metadata).toMatchObject({ role: "postgres", application: "tests" });
  });

  it("names who acts in somebody's name, and the key by which they do, also in rows that one statement updates", async () => {
    const context = "SELECT caretaker.set_context('u-1', impersonator_id => 'u-9', api_key => 'nightly import')";
    const entries = await db.recorded(
      `BEGIN; ${context}; INSERT INTO countries VALUES ('at'); UPDATE tenants SET name = name || '!'; SELECT caretaker.log_event('imported'); COMMIT`,
      "INSERT INTO countries VALUES ('es')",
    );
    const [after] = entries.splice(-1);
    expect(entries.map((entry) => [entry.user_id, entry.metadata?.impersonator, entry.metadata?.api_key])).toEqual([
      ["u-1", "u-9", "nightly import"],
      ["u-1", "u-9", "nightly import"],
      ["u-1", "u-9", "nightly import"],
    ]);
    expect(after?.metadata).not.toHaveProperty("impersonator");
  });

  it.each([
    ["a forwarded list", "203.0.113.9, 10.0.0.1", "203.0.113.9", "203.0.113.9, 10.0.0.1"],
    ["IPv6", "2001:db8::1", "2001:db8::1", undefined],
    ["nonsense", "999.1.2.3'; DROP TABLE posts; --", null, "999.1.2.3'; DROP TABLE posts; --"],
    ["a port", "[::1]:443", null, "[::1]:443"],
  ])("never fails the write over an address that is %s", async (_what, given, address, kept) => {
    await db.client.query("BEGIN");
    await db.client.query("SELECT caretaker.set_context('u', NULL, $1)", [given]);
    const [entry] = await db.recorded(`INSERT INTO countries VALUES ('${String(given).length}x')`, "COMMIT");
    expect(entry?.ip_address).toBe(address);
    expect(entry?.metadata?.ip_address).toBe(kept);
  });

  it("may be any text, however long, and in a tenant's table any nonsense", async () => {
    await db.client.query("BEGIN");
    await db.client.query("SELECT caretaker.set_context($1, $1, $1, $1, $1, $1)", ["é'\"\\".repeat(5000)]);
    const [entry] = await db.recorded(
      "INSERT INTO settings VALUES ('t')",
      "INSERT INTO comments VALUES (9, NULL, 'x')",
      "COMMIT",
    );
    expect(entry?.user_id).toHaveLength(200);
  });
});

describe("application events", () => {
  it("are recorded in the caller's transaction, by any role", async () => {
    const { client, role } = await db.newRole();
    await client.query(
      "BEGIN; SELECT caretaker.set_context('u-7'); SELECT caretaker.log_event('login', 'user', 'u-7', '{\"how\": \"sso\"}'); ROLLBACK",
    );
    const entries = await db.recorded("SELECT 1");
    await client.query("SELECT caretaker.log_event('export', tenant_id => 't-1')");
    const { rows } = await db.client.query(
      "SELECT action, tenant_id, metadata FROM caretaker.audit_logs WHERE action IN ('login', 'export')",
    );
    expect(entries).toEqual([]);
    expect(rows).toEqual([{ action: "export", tenant_id: "t-1", metadata: expect.objectContaining({ role }) }]);
  });

  it("never say in the database's place who is connected, nor in the context's who really acts and by which key", async () => {
    const { client, role } = await db.newRole();
    const forged = {
      ...{
        role: "postgres",
        acting_role: "auditor",
        application: "psql",
        client: "192.0.2.1",
        ip_address: "192.0.2.1",
      },
      ...{ impersonator: "u-1", api_key: "nightly", reason: "none", reported: 7, sum: 1 },
    };
    await client.query(
      `BEGIN; SELECT caretaker.set_context('u-7', reason => 'month end'); SELECT caretaker.log_event('forged', metadata => '${JSON.stringify(forged)}'); COMMIT`,
    );
    await client.query("SELECT caretaker.log_event('forged', metadata => '[{\"role\": \"postgres\"}]')");
    const { rows } = await db.client.query(
      "SELECT metadata FROM caretaker.audit_logs WHERE action = 'forged' ORDER BY created_at, id",
    );
    const { sum, ...reported } = forged;
    expect(rows[0].metadata).toEqual({ role, reason: "month end", sum, reported });
    expect(rows[1].metadata).toMatchObject({ role, reported: [{ role: "postgres" }] });
  });

  it("cannot pass for row changes", async () => {
    await expect(db.client.query("SELECT caretaker.log_event('delete', 'posts', '1')")).rejects.toThrow(
      /name of its own/,
    );
  });

  const once = (id: string, action: string) =>
    db.client.query(
      "SELECT entry::text, repeated FROM caretaker.log_event_once($1, $2, 'invoice', '7', '{\"sum\": 1}')",
      [id, action],
    );

  it("with an id of their own are recorded once, however often they are sent", async () => {
    const first = (await once("evt-1", "paid")).rows[0];
    const again = (await once("evt-1", "paid")).rows[0];
    expect(first).toMatchObject({ repeated: false });
    expect(again).toEqual({ entry: first.entry, repeated: true });
    const { rows } = await db.client.query(
      "SELECT id::text, metadata FROM caretaker.audit_logs WHERE metadata ->> 'event_id' = 'evt-1'",
    );
    expect(rows).toEqual([{ id: first.entry, metadata: expect.objectContaining({ sum: 1, event_id: "evt-1" }) }]);
  });

  it("are refused when an id comes again with another content", async () => {
    await expect(once("evt-1", "refunded")).rejects.toMatchObject({ code: "23505" });
  });

  it("leave no trace when their transaction is rolled back, and can be sent again", async () => {
    await db.client.query("BEGIN");
    await once("evt-2", "paid");
    await db.client.query("ROLLBACK");
    expect((await once("evt-2", "paid")).rows[0]).toMatchObject({ repeated: false });
  });

  it("of other reporters can be read by nobody", async () => {
    const { client } = await db.newRole();
    await expect(client.query("SELECT * FROM caretaker.received_events")).rejects.toThrow(/permission denied/);
    await client.query("SELECT caretaker.log_event_once('evt-3', 'paid')");
  });
});
