import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installStatements } from "../managed/install.ts";
import { freshDatabase } from "../testing/databases.ts";
import { conditions, type Position, Values } from "./conditions.ts";
import { parseQuery, type Term } from "./contract.ts";
import { newestEntries } from "./newest-entries.ts";
import { backInTime, type Window } from "./windows.ts";

let client: pg.Client;

/** Entries over forty months: many in the newest two, some before, a few of what only an old month has; and one before all months. */
const entries = `
INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id, tenant_id, user_id, request_id, metadata)
SELECT now() - interval '1 minute' * (n / 3), n, (n / 5)::text::xid8, CASE WHEN n % 10 = 0 THEN 'update' ELSE 'create' END,
       'table_' || n % 4, CASE WHEN n % 10 < 8 THEN '1' ELSE n::text END, CASE WHEN n % 10 < 9 THEN 'big' ELSE 'small' END,
       'user-' || n % 20, 'request-' || n / 3, NULL
  FROM generate_series(1, 6000) AS n
 UNION ALL
SELECT now() - interval '9 hours' * (n - 5800), n, (n / 5)::text::xid8, CASE WHEN n % 10 = 0 THEN 'delete' ELSE 'store' END,
       'table_' || n % 5, CASE WHEN n % 10 < 8 THEN '2' ELSE n::text END, CASE WHEN n % 10 < 9 THEN 'big' ELSE 'small' END,
       'user-' || n % 30, 'request-' || n / 3, CASE WHEN n % 500 = 0 THEN '{"new_key": "renamed"}'::jsonb END
  FROM generate_series(6001, 9000) AS n
 UNION ALL
SELECT now() - interval '30 months' - interval '1 day' * (n / 2), n, '7', 'import', 'imports', 'old-' || n % 2, 'gone', 'gone', 'request-gone', NULL
  FROM generate_series(10001, 10009) AS n
 UNION ALL
SELECT now() - interval '20 months', n, '8', 'login', NULL, NULL, NULL, NULL, NULL, NULL FROM generate_series(10011, 10014) AS n
 UNION ALL
SELECT '2001-05-05', 1, '9', 'import', 'imports', 'old-1', 'gone', 'gone', NULL, NULL`;

beforeAll(async () => {
  client = new pg.Client(await freshDatabase());
  await client.connect();
  for (const { sql } of installStatements({ owner: "postgres", createRoles: false })) await client.query(sql);
  await client.query("SELECT caretaker.ensure_partitions(1, 40)");
  await client.query(entries);
});

afterAll(() => client.end());

const compared = 420;

interface Row {
  at: string;
  id: string;
}

const columns = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id::text AS id`;

async function plainly(terms: readonly Term[], limit: number): Promise<Row[]> {
  const values = new Values();
  const where = ["true", ...conditions(values, terms)];
  const { rows } = await client.query<Row>(
    `SELECT ${columns} FROM caretaker.audit_logs WHERE ${where.join(" AND ")}
      ORDER BY created_at DESC, audit_logs.id DESC LIMIT ${limit}`,
    values.list,
  );
  return rows;
}

async function inPages(terms: readonly Term[], limit: number): Promise<Row[]> {
  const found: Row[] = [];
  let position: Position | null = null;
  for (;;) {
    const page: Row[] = await newestEntries(client, columns, { terms, position, limit });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit || found.length >= compared) return found.slice(0, compared);
    position = { ...last, shown: true };
  }
}

function read(text: string): Term[] {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.terms;
}

describe("the newest entries", () => {
  test.each([
    ["", 400],
    ["tenant:big", 400],
    ["tenant:gone", 10],
    ["tenant:gone,small -action:update", 400],
    ["actor:user-25", 100],
    ["actor:none", 4],
    ["table:imports", 10],
    ["record:1", 400],
    ["record:2", 400],
    ["record:renamed", 6],
    ["record:old-1 table:imports", 6],
    ["record:old*", 10],
    ["request:request-gone", 9],
    ["tx:7", 9],
    ["action:create", 400],
    ["action:delete", 300],
    ["action:store", 400],
    ["action:store tenant:big", 400],
    ["action:store actor:user-1", 90],
    ["big action:store", 400],
    ["action:import,login", 14],
    ["action:none_such", 0],
    ["action:delete tenant:big", 300],
    ["action:delete tenant:small", 0],
    ["action:import tenant:gone", 10],
    ["action:delete actor:user-20", 100],
    ["action:login -tenant:big", 4],
    ["action:import at:..2020", 1],
    ["action:delete at:-200d..-100d", 26],
    ["big", 400],
    ["1", 400],
    ["2", 400],
    ["7", 9],
    ["gone", 10],
    ["gone action:import", 10],
    ["big action:delete", 300],
    ["user-25 action:delete", 0],
    ["-big at:..-60d", 300],
    ["schema:none", 400],
  ])("of “%s” are those that one statement over the whole log finds, page by page", async (text, least) => {
    const terms = read(text);
    const expected = await plainly(terms, compared);
    expect(expected.length).toBeGreaterThanOrEqual(least);
    for (const size of [60, 400]) expect(await inPages(terms, size)).toEqual(expected);
  });
});

describe("windows", () => {
  test("cover all time that is asked for, once, newest first", async () => {
    const time = fc.date({ min: new Date("2015-01-01"), max: new Date("2031-01-01"), noInvalidDate: true });
    const span = fc.record({ from: fc.option(time, { nil: undefined }), to: fc.option(time, { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(span, fc.array(fc.nat(4)), async ({ from, to }, counts) => {
        const asked: Window[] = [];
        const given = [...counts];
        await backInTime({ from: from?.toISOString(), to: to?.toISOString() }, 40, async (window) => {
          asked.push(window);
          return Array(given.shift() ?? 0).fill(0);
        });
        const [first, last] = [asked[0], asked.at(-1)];
        if (first?.to) expect(new Date(first.to).getTime()).toBeGreaterThan(to?.getTime() ?? Infinity);
        if (last?.from) expect(new Date(last.from).getTime()).toBeLessThanOrEqual(from?.getTime() ?? -Infinity);
        for (const [n, { to: end }] of asked.slice(1).entries()) expect(end).toBe(asked[n]?.from);
        for (const { from: start, to: end } of asked) if (start && end) expect(start < end || from).toBeTruthy();
      }),
    );
  });
});
