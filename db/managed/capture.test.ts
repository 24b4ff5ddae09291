import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(
    `
CREATE TABLE notes (id bigint PRIMARY KEY, title text, amount numeric(12, 2), doc json, place point, tags text[], updated_at timestamptz, doubled numeric GENERATED ALWAYS AS (amount * 2) STORED);
CREATE TABLE "Order Line" ("orderId" text, "select" integer, "position" text, note text, PRIMARY KEY ("orderId", "select"));
CREATE TABLE people (id integer PRIMARY KEY, email text, password_hash text, token text, actor text, context text);
CREATE TABLE loose (word text, number integer);
CREATE TABLE wide (id integer PRIMARY KEY, ${Array.from({ length: 150 }, (_, i) => `col_${i} integer`).join(", ")});
CREATE TABLE "$capture$; DROP TABLE notes; --" (id integer PRIMARY KEY, "it's" text, "quo""te" text);`,
    { notes: { ignored: ["updated_at"] }, people: { masked: ["password_hash", "token"] } },
  );
});

afterAll(() => db.close());

describe("row changes", () => {
  it("records an insert as a create with the whole row", async () => {
    const [entry, ...more] = await db.recorded(
      `INSERT INTO notes VALUES (1, 'first', 1.10, '{"a": 1}', '(1,2)', '{x,y}')`,
    );
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      action: "create",
      resource_schema: "public",
      resource_type: "notes",
      resource_id: "1",
      old_values: null,
    });
    expect(entry?.new_values).toMatchObject({
      id: 1,
      title: "first",
      doc: { a: 1 },
      place: "(1,2)",
      tags: ["x", "y"],
      updated_at: null,
    });
    expect(entry?.new_values).not.toHaveProperty("doubled");
  });

  it("records an update with the state before and only what differs", async () => {
    const [entry] = await db.recorded("UPDATE notes SET title = 'second', amount = 2 WHERE id = 1");
    expect(entry).toMatchObject({
      action: "update",
      resource_id: "1",
      new_values: null,
      changes: { title: "second", amount: 2 },
    });
    expect(entry?.old_values).toMatchObject({ title: "first", doc: { a: 1 } });
  });

  it("tells a value set to NULL from one that stayed", async () => {
    const [entry] = await db.recorded("UPDATE notes SET title = NULL, doc = NULL WHERE id = 1");
    expect(entry?.changes).toEqual({ title: null, doc: null });
  });

  it("makes no entry for an update that changes nothing, or only ignored columns", async () => {
    expect(
      await db.recorded("UPDATE notes SET amount = amount, doc = doc", "UPDATE notes SET updated_at = now()"),
    ).toEqual([]);
    expect(
      await db.recorded("UPDATE notes SET title = 'x' WHERE id = 404", "DELETE FROM notes WHERE id = 404"),
    ).toEqual([]);
  });

  it("sees changes that equality does not: json, numeric scale, geometry", async () => {
    const [doc] = await db.recorded(`UPDATE notes SET doc = '{"a":  1}'`);
    expect(doc?.changes).toEqual({ doc: { a: 1 } });
    const [place] = await db.recorded("UPDATE notes SET place = '(1,3)'");
    expect(place?.changes).toEqual({ place: "(1,3)" });
  });

  it("keeps json that jsonb cannot hold, and lets the write through", async () => {
    const [entry] = await db.recorded(`INSERT INTO notes (id, doc) VALUES (2, '{"nul": "\\u0000"}')`);
    expect(entry?.new_values?.doc).toBe('{"nul": "\\u0000"}');
  });

  it("records a delete with the row that went", async () => {
    const [entry] = await db.recorded("DELETE FROM notes WHERE id = 2");
    expect(entry).toMatchObject({
      action: "delete",
      resource_id: "2",
      new_values: null,
      changes: null,
      old_values: { id: 2 },
    });
  });

  it("records the right subsets of INSERT ON CONFLICT and MERGE", async () => {
    const upsert = await db.recorded(
      "INSERT INTO notes (id, title) VALUES (1, 'up'), (3, 'new') ON CONFLICT (id) DO UPDATE SET title = excluded.title",
    );
    expect(upsert.map((entry) => [entry.action, entry.resource_id]).sort()).toEqual([
      ["create", "3"],
      ["update", "1"],
    ]);
    const merge =
      await db.recorded(`MERGE INTO notes n USING (VALUES (3, 'm'), (4, 'm')) AS s (id, title) ON n.id = s.id
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, title) VALUES (s.id, s.title)`);
    expect(merge.map((entry) => [entry.action, entry.resource_id]).sort()).toEqual([
      ["create", "4"],
      ["delete", "3"],
    ]);
  });

  it("pairs the rows of a bulk update, however many and in whatever order", async () => {
    await db.client.query("INSERT INTO notes (id, title) SELECT i, 'bulk' FROM generate_series(1000, 1999) AS i");
    const entries = await db.recorded(
      "UPDATE notes SET title = 't' || id WHERE id BETWEEN 1000 AND 1999 AND id % 2 = 0",
    );
    expect(entries).toHaveLength(500);
    for (const entry of entries) expect(entry.changes).toEqual({ title: `t${entry.resource_id}` });
  });

  it("records tables wider than a function's arguments", async () => {
    const [made] = await db.recorded("INSERT INTO wide (id, col_0, col_149) VALUES (1, 1, 2)");
    expect(Object.keys(made?.new_values ?? {})).toHaveLength(151);
    const [changed] = await db.recorded("UPDATE wide SET col_0 = 5, col_149 = 6");
    expect(changed?.changes).toEqual({ col_0: 5, col_149: 6 });
  });

  it("records tables without a primary key", async () => {
    const entries = await db.recorded(
      "INSERT INTO loose VALUES ('a', 1), ('a', 1)",
      "UPDATE loose SET number = number + 1",
      "DELETE FROM loose",
    );
    expect(entries.map((entry) => [entry.action, entry.resource_id])).toEqual([
      ["create", null],
      ["create", null],
      ["update", null],
      ["update", null],
      ["delete", null],
      ["delete", null],
    ]);
  });

  it("takes every name literally, whatever it is", async () => {
    const name = `"$capture$; DROP TABLE notes; --"`;
    const entries = await db.recorded(
      `INSERT INTO ${name} VALUES (1, 'a', 'b')`,
      `UPDATE ${name} SET "it's" = 'c', "quo""te" = 'd'`,
    );
    expect(entries[1]).toMatchObject({
      resource_type: "$capture$; DROP TABLE notes; --",
      changes: { "it's": "c", 'quo"te': "d" },
    });
  });
});

describe("keys", () => {
  it("writes a composite key as a JSON array of texts", async () => {
    const [entry] = await db.recorded(`INSERT INTO "Order Line" VALUES ('a"b', 7, 'p', 'n')`);
    expect(entry?.resource_id).toBe(JSON.stringify(['a"b', "7"]));
  });

  it("records a changed key under the old one and names the new one", async () => {
    const [entry] = await db.recorded(`UPDATE "Order Line" SET "select" = 8`);
    expect(entry).toMatchObject({
      resource_id: '["a\\"b","7"]',
      changes: { select: 8 },
      metadata: { new_key: '["a\\"b","8"]' },
    });
  });

  it("pairs rows rightly when every key is shifted onto its neighbour's", async () => {
    await db.client.query(
      "DELETE FROM notes; INSERT INTO notes (id, title) SELECT i, 'n' || i FROM generate_series(1, 50) AS i ORDER BY i DESC",
    );
    const entries = await db.recorded("UPDATE notes SET id = id + 1");
    expect(entries).toHaveLength(50);
    for (const entry of entries) {
      expect(entry.changes).toEqual({ id: Number(entry.resource_id) + 1 });
      expect(entry.metadata).toMatchObject({ new_key: String(Number(entry.resource_id) + 1) });
      expect(entry.old_values).toMatchObject({ title: `n${entry.resource_id}` });
    }
  });

  it("shortens a key too long for an index instead of failing the write", async () => {
    const key = '"'.repeat(2000);
    const [entry] = await db.recorded(`INSERT INTO "Order Line" VALUES ('${key}', 1)`);
    expect(entry?.resource_id?.length).toBeLessThan(300);
    expect(entry?.new_values?.orderId).toBe(key);
  });
});

describe("masked columns", () => {
  it("never leave a secret in any copy, and still show equality", async () => {
    const entries = await db.recorded(
      "INSERT INTO people VALUES (1, 'a@b', 'secret-1', NULL, 'x', 'y')",
      "UPDATE people SET password_hash = 'secret-2', token = 'secret-1'",
      "DELETE FROM people",
    );
    expect(JSON.stringify(entries)).not.toContain("secret");
    const [made, changed, gone] = entries;
    expect(made?.new_values?.password_hash).toMatch(/^masked:[0-9a-f]{32}$/);
    expect(made?.new_values?.token).toBeNull();
    expect(changed?.changes?.token).toBe(made?.new_values?.password_hash);
    expect(changed?.changes?.password_hash).toBe(gone?.old_values?.password_hash);
    const { rows } = await db.client.query("SELECT caretaker.mask('secret-1') AS hash");
    expect(rows[0]?.hash).toBe(made?.new_values?.password_hash);
  });

  it("keep their key from everybody but the owner", async () => {
    const { client: other } = await db.newRole();
    await expect(other.query("SELECT * FROM caretaker.mask_keys")).rejects.toThrow(/permission denied/);
    await expect(other.query("SELECT caretaker.mask('x')")).rejects.toThrow(/permission denied/);
  });
});
