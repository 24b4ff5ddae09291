import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { canonicalLinesSql } from "./canonical.ts";
import { LineRow } from "./line-row.ts";
import { printRows } from "./rows.ts";

let app: Adopted;
let pool: pg.Pool;

beforeAll(async () => {
  await freshControl();
  app = await adoptedDatabase("");
  pool = new pg.Pool({ connectionString: app.url, max: 1 });
});

afterAll(async () => {
  await pool.end();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const text = fc
  .oneof(fc.string({ unit: "grapheme", maxLength: 30 }), fc.string({ unit: "binary", maxLength: 30 }))
  .map((value) => value.replaceAll("\0", ""));
const json = fc.option(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify({ a: value, ',"changes":': 'x,"' })),
);
const entry = fc.record({
  at: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  resource: fc.option(text),
  agent: fc.option(text),
  ip: fc.constantFrom(null, "10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"),
  before: json,
  metadata: json,
});

async function printed(): Promise<string[]> {
  const rows: string[] = [];
  const client = await pool.connect();
  await client.query("BEGIN");
  await printRows(client, "caretaker.audit_logs ORDER BY audit_logs.id", new AbortController().signal, {
    take: ({ bytes, from, to }) => rows.push(bytes.toString("utf8", from, to)),
    pause: () => null,
  });
  await client.query("ROLLBACK");
  client.release();
  return rows;
}

const row = new LineRow();

function rowOf(line: string): string {
  const bytes = Buffer.from(line);
  row.read(bytes, 0, bytes.length);
  return row.bytes.toString("utf8", 0, row.length);
}

const line =
  '{"id":"1","created_at":"2026-01-01T00:00:00.120000Z","transaction_id":"2","action":"x","resource_schema":null,"resource_type":null,"resource_id":null,"tenant_id":null,"user_id":null,"request_id":null,"ip_address":"10.0.0.1/32","user_agent":null,"old_values":null,"new_values":{"a": 1},"changes":null,"metadata":null}';

describe("an entry", () => {
  test("has one canonical row, whether PostgreSQL prints it or it is told from the exported line", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 20 }), async (entries) => {
        await app.client.query("ALTER TABLE caretaker.audit_logs_default DISABLE TRIGGER USER");
        await app.client.query("DELETE FROM caretaker.audit_logs_default");
        for (const [id, { at, resource, agent, ip, before, metadata }] of entries.entries()) {
          await app.client.query(
            `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_id, user_agent, ip_address, old_values, metadata)
             VALUES (to_timestamp(0) + make_interval(secs => $1::numeric / 1000000) - interval '60 years', $2, '12345678901', 'update', $3, $4, $5, $6, $7)`,
            [at, id, resource, agent, ip, before, metadata],
          );
        }
        const { rows } = await app.client.query<{ line: string }>(
          canonicalLinesSql("caretaker.audit_logs ORDER BY audit_logs.id"),
        );
        expect(rows.map(({ line }) => rowOf(line))).toEqual(await printed());
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ["a column is missing", line.replace(',"changes":null', "")],
    ["something follows", `${line} `],
    ["there is one column more", line.replace(/}$/, ',"more":1}')],
    ["a text has no end", line.replace('"action":"x"', '"action":"x')],
    ["a text is no text", line.replace('"action":"x"', '"action":true')],
    ["a column has another name", line.replace('"action"', '"Action"')],
    ["there is nothing", ""],
  ])("is not read from a line in which %s", (_what, bad) => {
    expect(rowOf(line)).toMatch(/^1\t2026-01-01 00:00:00\.12\+00\t/);
    expect(() => rowOf(bad)).toThrow();
  });

  // Each of these is read by people and programs as something else than what the row says, or as the same in other words.
  test.each([
    ["a digit hides behind a moment", "00:00:00.120000Z", "00:00:00.129"],
    ["a moment is of another zone", "00:00:00.120000Z", "00:00:00.120000+02"],
    ["a moment has another shape", "2026-01-01T00", "2026-01-01x00"],
    ["the bytes of a letter stand as two characters", '"x"', '"\\u00c3\\u00a9"'],
    ["a letter is escaped", '"x"', '"\\u0078"'],
    ["a control character is spelt otherwise", '"x"', '"\\u000a"'],
    ["a control character is not escaped", '"x"', '"\t"'],
    ["an address has no mask", "10.0.0.1/32", "10.0.0.1"],
  ])("is not read from a line in which %s", (_what, honest, other) => {
    expect(line).toContain(honest);
    expect(() => rowOf(line.replace(honest, other))).toThrow();
  });
});
