import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(`
CREATE TABLE exact (id integer PRIMARY KEY, big bigint, amount numeric, ratio double precision, raw bytea, list integer[], words text[], day date, at timestamptz);
CREATE TABLE parents (id integer PRIMARY KEY);
CREATE TABLE children (id integer PRIMARY KEY, parent_id integer REFERENCES parents ON DELETE CASCADE);
CREATE TABLE files (id integer PRIMARY KEY, name varchar(40), body text, doc jsonb, raw bytea)`);
});

afterAll(() => db.close());

/** The log's JSON as PostgreSQL prints it: JavaScript's numbers would hide what was lost. */
async function logged(sql: string, column: "new_values" | "changes"): Promise<string> {
  const [entry] = await db.recorded(sql);
  const { rows } = await db.client.query<{ text: string }>(
    `SELECT ${column}::text AS text FROM caretaker.audit_logs WHERE id = $1`,
    [entry?.id],
  );
  return rows[0]?.text ?? "";
}

it("keeps every digit of bigint and numeric, and NaN and infinity as words", async () => {
  const made = await logged(
    `INSERT INTO exact (id, big, amount, ratio, day, at) VALUES (1, 9007199254740993, 1.10, 'NaN', 'infinity', '-infinity')`,
    "new_values",
  );
  expect(made).toContain('"big": 9007199254740993');
  expect(made).toContain('"amount": 1.10');
  expect(made).toContain('"ratio": "NaN"');
  expect(made).toContain('"day": "infinity"');
  expect(made).toContain('"at": "-infinity"');
  const changed = await logged("UPDATE exact SET amount = 1.100, ratio = 'Infinity', big = big + 1", "changes");
  expect(changed).toBe('{"big": 9007199254740994, "ratio": "Infinity", "amount": 1.100}');
});

it("keeps arrays, their order and their NULLs, and bytes as hexadecimal", async () => {
  const made = await logged(
    `INSERT INTO exact (id, list, words, raw) VALUES (2, '{3,1,NULL,2}', '{"a,b","{c}",NULL}', '\\x00ff')`,
    "new_values",
  );
  expect(made).toContain('"list": [3, 1, null, 2]');
  expect(made).toContain('"words": ["a,b", "{c}", null]');
  expect(made).toContain('"raw": "\\\\x00ff"');
  expect(await logged("UPDATE exact SET list = '{3,1,2}' WHERE id = 2", "changes")).toBe('{"list": [3, 1, 2]}');
});

it("records COPY row by row", async () => {
  await db.client.query("COPY exact (id, big) FROM PROGRAM 'printf \"10\\t7\\n11\\t8\\n\"'");
  const { rows } = await db.client.query<{ resource_id: string }>(
    "SELECT resource_id FROM caretaker.audit_logs WHERE resource_type = 'exact' AND action = 'create' ORDER BY id DESC LIMIT 2",
  );
  expect(rows.map(({ resource_id }) => resource_id)).toEqual(["11", "10"]);
});

it("records what a foreign key's cascade deletes, in the same transaction", async () => {
  await db.client.query("INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1, 1), (2, 1)");
  const entries = await db.recorded("DELETE FROM parents");
  expect(entries.map((entry) => `${entry.action} ${entry.resource_type} ${entry.resource_id}`).sort()).toEqual([
    "delete children 1",
    "delete children 2",
    "delete parents 1",
  ]);
  expect(new Set(entries.map((entry) => entry.transaction_id)).size).toBe(1);
});

const large = 1_048_577;

const capped = (text: string) => `capped:${createHash("sha256").update(text).digest("hex")}:${Buffer.byteLength(text)}`;

it("replaces values over 1 MiB by their hash and size, in every event and copy", async () => {
  const [made] = await db.recorded(`INSERT INTO files VALUES (1, 'big', repeat('x', ${large}), '{"a": 1}', NULL)`);
  expect(made?.new_values).toEqual({ id: 1, name: "big", body: capped("x".repeat(large)), doc: { a: 1 }, raw: null });
  const [one] = await db.recorded(`UPDATE files SET body = repeat('y', ${large})`);
  expect(one?.old_values?.body).toBe(capped("x".repeat(large)));
  expect(one?.changes).toEqual({ body: capped("y".repeat(large)) });
  await db.client.query("INSERT INTO files (id, body) VALUES (2, 'small')");
  const many = await db.recorded(`UPDATE files SET body = repeat('z', ${large} * id)`);
  expect(many.map((entry) => entry.changes?.body).sort()).toEqual(
    [1, 2].map((times) => capped("z".repeat(large * times))).sort(),
  );
  const gone = await db.recorded("DELETE FROM files WHERE id = 1");
  expect(gone[0]?.old_values?.body).toBe(capped("z".repeat(large)));
});

it("keeps a value of exactly 1 MiB whole", async () => {
  const [made] = await db.recorded(`INSERT INTO files (id, body) VALUES (3, repeat('x', ${large - 1}))`);
  expect(made?.new_values?.body).toBe("x".repeat(large - 1));
});

it("lets a row through that jsonb cannot hold, and keeps its size", async () => {
  const bytes = 300_000_000;
  const [made, changed] = await db.recorded(
    `INSERT INTO files (id, body) VALUES (4, repeat('x', ${bytes}))`,
    "UPDATE files SET name = 'huge' WHERE id = 4",
  );
  expect(made).toMatchObject({ resource_id: "4", new_values: { capped: bytes } });
  expect(changed).toMatchObject({ old_values: { capped: bytes }, changes: { name: "huge" } });
});
