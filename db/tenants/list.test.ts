import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { staffActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import { type TenantFilter, type TenantRow, tenantFilter, tenantSorts } from "./contract.ts";
import { countTenants, listTenants } from "./list.ts";

const support = staffActor({ staffId: "4d0a7c3e-30ad-4c5e-9f6a-1f7a2b3c4d5e", name: "Sam", role: "support" });
const total = 137;
let controlUrl: string;

beforeAll(async () => {
  controlUrl = await freshControl();
  const databaseId = await registerDatabase(await freshDatabase());
  // Equal names, equal and missing sizes, and creations in one microsecond: everything that a weak cursor stumbles over.
  await controlPool().query(
    `INSERT INTO tenants (home_database_id, key, slug, name, status, size_bytes, growth_bytes, writes, last_active_at, created_at)
     SELECT $1, 'key-' || n, 'slug_' || n, CASE n % 3 WHEN 0 THEN 'Same' WHEN 1 THEN 'same' ELSE 'Name ' || n END,
            CASE WHEN n % 10 = 0 THEN 'suspended' ELSE 'active' END,
            CASE WHEN n % 4 = 0 THEN NULL ELSE (n % 5) * 1000 END,
            CASE WHEN n % 3 = 0 THEN NULL ELSE (n % 7 - 3) * 1000 END,
            CASE WHEN n % 5 = 0 THEN NULL ELSE n % 6 END,
            CASE WHEN n % 6 <> 0 THEN timestamptz '2026-02-01 00:00:00.5Z' + (n / 9) * interval '1 microsecond' END,
            timestamptz '2026-01-01 00:00:00.123456Z' + (n / 20) * interval '1 microsecond'
       FROM generate_series(1, ${total}) AS n`,
    [databaseId],
  );
  await controlPool().query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state)
     SELECT id, CASE WHEN key LIKE '%7' THEN 'schema' ELSE 'shared' END, home_database_id, 'public', 'open' FROM tenants`,
  );
});

afterAll(closeControl);

async function walk(filter: TenantFilter): Promise<TenantRow[]> {
  const rows: TenantRow[] = [];
  let cursor: string | null = null;
  do {
    const page = await listTenants(support, filter, cursor);
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor);
  return rows;
}

function keyOf(row: TenantRow, sort: string): string | number {
  if (sort === "size") return Number(row.sizeBytes ?? -1);
  if (sort === "growth") return Number(row.growthBytes ?? -9e18);
  if (sort === "writes") return Number(row.writes ?? -1);
  return sort === "active" ? (row.lastActiveAt ?? "") : row.createdAt;
}

for (const sort of tenantSorts) {
  test(`paging by ${sort} meets every tenant once, in order`, async () => {
    const rows = await walk(tenantFilter.parse({ sort, limit: 10 }));
    expect(rows).toHaveLength(total);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
    if (sort.endsWith("name")) return; // the database's collation decides, which is not JavaScript's
    const keys = rows.map((row) => keyOf(row, sort.replace("-", "")));
    const sorted = keys.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
    expect(keys).toEqual(sort.startsWith("-") ? sorted.reverse() : sorted);
  });
}

test("the search finds part of a name or slug, a whole key and a whole id, and takes wildcards literally", async () => {
  const find = async (q: string) => (await listTenants(support, tenantFilter.parse({ q }))).rows;
  const [found] = await find("name 12");
  expect(found?.name.startsWith("Name 12")).toBe(true);
  expect(await find("key-41")).toMatchObject([{ slug: "slug_41" }]);
  expect(await find(found?.id ?? "")).toMatchObject([{ id: found?.id }]);
  expect(await find("slug%")).toEqual([]);
  expect(await find("g_4")).toHaveLength(11);
});

test("filters narrow the list and the count alike", async () => {
  const suspended = tenantFilter.parse({ status: "suspended", limit: 200 });
  const { rows } = await listTenants(support, suspended);
  expect(rows.every(({ status }) => status === "suspended")).toBe(true);
  expect(await countTenants(support, suspended)).toEqual({ count: rows.length, more: false });
  expect((await countTenants(support, tenantFilter.parse({ tier: "schema" }))).count).toBe(14);
  expect((await countTenants(support, tenantFilter.parse({ larger: "4000" }))).count).toBeLessThan(total);
});

test("a cursor of another order is refused", async () => {
  const { next } = await listTenants(support, tenantFilter.parse({ limit: 10 }));
  const other = listTenants(support, tenantFilter.parse({ sort: "size", limit: 10 }), next);
  await expect(other).rejects.toMatchObject({ code: "invalid" });
});

// The last one, since its tenants stay.
test("counting stops at 10,000", async () => {
  const client = new pg.Client(controlUrl);
  await client.connect();
  await client.query(
    `INSERT INTO tenants (home_database_id, key, name)
     SELECT (SELECT id FROM databases), 'many-' || n, 'Many' FROM generate_series(1, 10100) AS n`,
  );
  await client.end();
  expect(await countTenants(support, tenantFilter.parse({}))).toEqual({ count: 10_000, more: true });
});
