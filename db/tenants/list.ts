import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { decodeCursor, type Page, toPage } from "../page.ts";
import type { TenantCount, TenantFilter, TenantRow, TenantSort } from "./contract.ts";
import { tenantColumns, tenantSource } from "./rows.ts";

const orders = {
  name: { key: "lower(t.name)", type: "text", text: "lower(t.name)" },
  size: { key: "coalesce(t.size_bytes, -1)", type: "bigint", text: "coalesce(t.size_bytes, -1)::text" },
  growth: {
    key: "coalesce(t.growth_bytes, -9000000000000000000)",
    type: "bigint",
    text: "coalesce(t.growth_bytes, -9000000000000000000)::text",
  },
  writes: { key: "coalesce(t.writes, -1)", type: "bigint", text: "coalesce(t.writes, -1)::text" },
  active: {
    key: "coalesce(t.last_active_at, '-infinity')",
    type: "timestamptz",
    text: "coalesce(t.last_active_at, '-infinity')::text",
  },
  created: { key: "t.created_at", type: "timestamptz", text: "t.created_at::text" },
} as const;

const countMax = 10_000;

/** Tenants of all adopted databases, keyset-paged by (order, id). The cursor belongs to one order and direction. */
export async function listTenants(
  actor: Actor,
  filter: TenantFilter,
  cursor?: string | null,
): Promise<Page<TenantRow>> {
  authorise(actor, "tenants.read");
  const order = orderOf(filter.sort);
  const { conditions, values } = conditionsOf(filter);
  if (cursor) {
    const [belongsTo, key, id] = decodeCursor(cursor, 3);
    if (belongsTo !== filter.sort) {
      throw new Refusal("invalid", "This page link belongs to another order.", {
        fix: "Start again from the first page.",
      });
    }
    values.push(key, id);
    conditions.push(
      `(${order.key}, t.id) ${order.comparison} ($${values.length - 1}::${order.type}, $${values.length}::uuid)`,
    );
  }
  values.push(filter.limit + 1);
  const { rows } = await controlPool().query<TenantRow & { orderKey: string }>(
    `SELECT ${tenantColumns}, ${order.text} AS "orderKey"
       FROM ${tenantSource}
      WHERE ${conditions.join(" AND ")}
      ORDER BY ${order.key} ${order.direction}, t.id ${order.direction}
      LIMIT $${values.length}`,
    values,
  );
  const page = toPage(rows, filter.limit, (row) => [filter.sort, row.orderKey, row.id]);
  return { rows: page.rows.map(({ orderKey: _, ...row }) => row), next: page.next };
}

function orderOf(sort: TenantSort) {
  const down = sort.startsWith("-");
  const named = Object.entries(orders).find(([name]) => name === sort.replace("-", ""));
  const order = named ? named[1] : orders.name;
  return { ...order, direction: down ? "DESC" : "ASC", comparison: down ? "<" : ">" };
}

/** How many tenants a filter finds, counted no further than 10,000. */
export async function countTenants(actor: Actor, filter: TenantFilter): Promise<TenantCount> {
  authorise(actor, "tenants.read");
  const { conditions, values } = conditionsOf(filter);
  // Without a condition on the place, the tenants alone are counted.
  const placed =
    filter.database || filter.tier ? "LEFT JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'" : "";
  const { rows } = await controlPool().query<{ count: number }>(
    `SELECT count(*)::int AS count
       FROM (SELECT 1 FROM tenants t ${placed} WHERE ${conditions.join(" AND ")} LIMIT ${countMax + 1}) AS counted`,
    values,
  );
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countMax), more: count > countMax };
}

function conditionsOf(filter: TenantFilter): { conditions: string[]; values: unknown[] } {
  const conditions = ["TRUE"];
  const values: unknown[] = [];
  const add = (condition: (parameter: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (filter.database) add((p) => `(t.home_database_id = ${p} OR p.database_id = ${p})`, filter.database);
  if (filter.tier === "shared") conditions.push("p.tier = 'shared'");
  // Few live apart: an index finds them, where the order's own would walk past everybody else.
  else if (filter.tier)
    add(
      (p) =>
        `p.tier = ${p} AND t.id IN (SELECT a.tenant_id FROM placements a WHERE a.state = 'open' AND a.tier <> 'shared' AND a.tier = ${p})`,
      filter.tier,
    );
  if (filter.status) add((p) => `t.status = ${p}`, filter.status);
  if (filter.larger !== undefined) add((p) => `coalesce(t.size_bytes, -1) >= ${p}`, filter.larger);
  if (filter.idle !== undefined)
    // The first has an index, and all that the second finds is among what it finds.
    add(
      (p) => `coalesce(t.last_active_at, '-infinity') < now() - make_interval(days => ${p})
              AND coalesce(t.last_active_at, t.created_at) < now() - make_interval(days => ${p})`,
      filter.idle,
    );
  if (filter.advised === "any") conditions.push("t.advised_tier IS NOT NULL");
  else if (filter.advised) add((p) => `t.advised_tier = ${p}`, filter.advised);
  if (filter.dedicated) conditions.push(filter.dedicated === "yes" ? "t.dedicated" : "NOT t.dedicated");
  if (filter.q) conditions.push(searched(filter.q, values));
  return { conditions, values };
}

/** Each part has an index of its own, which one OR over all of them would make useless. */
function searched(q: string, values: unknown[]): string {
  values.push(`%${q.replaceAll(/[\\%_]/g, "\\$&")}%`, q);
  const [part, whole] = [`$${values.length - 1}`, `$${values.length}`];
  const byId = uuid.test(q) ? `UNION ALL SELECT id FROM tenants WHERE id = ${whole}::uuid` : "";
  return `t.id IN (SELECT id FROM tenants WHERE name ILIKE ${part} UNION ALL SELECT id FROM tenants WHERE slug ILIKE ${part}
                   UNION ALL SELECT id FROM tenants WHERE key = ${whole} ${byId})`;
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
