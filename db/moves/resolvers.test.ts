import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import pino from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tenantResolver as withDrizzle } from "../../docs/examples/tenants-drizzle.ts";
import { tenantResolver as withNodePostgres } from "../../docs/examples/tenants-node-postgres.ts";
import { tenantResolver as withPostgresJs } from "../../docs/examples/tenants-postgres-js.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import type { MoveState } from "./contract.ts";
import { moveJobs } from "./jobs.ts";
import { readMoveRecord } from "./move.ts";
import { planMove } from "./plan/plan.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { untilState } from "./testing/until.ts";
import { cutOverMove, reverseMove } from "./verbs/act.ts";
import { startMove } from "./verbs/start.ts";

const actor = systemActor("resolvers test");
let shop: Shop;
let working: Working;

interface Place {
  host: string;
  port: number;
  database: string;
}

/** Writes one note of tenant 1 and answers which database took it. */
type Note = (body: string) => Promise<string>;

const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 40);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
});

afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

const shared = () => {
  const home = new URL(shop.applicationUrl);
  return { host: home.hostname, port: Number(home.port), database: home.pathname.slice(1), schema: "public" };
};

/** One client a database, as an application keeps them. */
function kept<Client>(open: (url: string) => Client, close: (client: Client) => Promise<unknown>) {
  const clients = new Map<string, Client>();
  return ({ host, port, database }: Place): Client => {
    const url = new URL(shop.applicationUrl);
    url.host = `${host}:${port}`;
    url.pathname = `/${database}`;
    const known = clients.get(url.href);
    if (known) return known;
    const client = open(url.href);
    closing.push(() => close(client));
    clients.set(url.href, client);
    return client;
  };
}

let opened = 0;
const pool = (url: string) => new pg.Pool({ connectionString: url, max: 3 }).on("connect", () => (opened += 1));

const resolvers: Record<string, () => Note> = {
  "node-postgres": () => {
    const poolOf = kept(pool, (one) => one.end());
    const inTenant = withNodePostgres(poolOf(shared()), shared(), poolOf);
    return (body) =>
      inTenant("1", async (client) => {
        await client.query("INSERT INTO notes (tenant_id, body) VALUES (1, $1)", [body]);
        const { rows } = await client.query<{ at: string }>("SELECT current_database() AS at");
        return rows[0]?.at ?? "";
      });
  },
  "postgres.js": () => {
    const sqlOf = kept(
      (url) => postgres(url, { max: 3 }),
      (one) => one.end(),
    );
    const inTenant = withPostgresJs(sqlOf(shared()), shared(), sqlOf);
    return (body) =>
      inTenant("1", async (tx) => {
        await tx`INSERT INTO notes (tenant_id, body) VALUES (1, ${body})`;
        const [row] = await tx<{ at: string }[]>`SELECT current_database() AS at`;
        return row?.at ?? "";
      });
  },
  Drizzle: () => {
    const poolOf = kept(pool, (one) => one.end());
    const dbOf = (place: Place) => drizzle(poolOf(place));
    const inTenant = withDrizzle(dbOf(shared()), shared(), dbOf);
    return (body) =>
      inTenant("1", async (tx) => {
        await tx.execute(sql`INSERT INTO notes (tenant_id, body) VALUES (1, ${body})`);
        const { rows } = await tx.execute<{ at: string }>(sql`SELECT current_database() AS at`);
        return rows[0]?.at ?? "";
      });
  },
};

/** Reverses and cuts over again until it was done: an attempt may be given up. */
async function turn(moveId: string, verb: typeof cutOverMove, to: MoveState): Promise<void> {
  for (;;) {
    await verb(actor, { moveId });
    for (;;) {
      const move = await readMoveRecord(moveId);
      if (move.state === to) return;
      if (move.state === "ready" || move.state === "moved") break;
      if (move.failed) throw new Error(move.error ?? "The move failed.");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test("the documented resolvers follow a tenant to another database, back, and there again, and lose nothing", async () => {
  const { hash } = await planMove(actor, { tenantId: shop.tenants.get("1") ?? "", tier: "database" });
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "database" as const, graceHours: 0 };
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked" });
  const { to } = await untilState(moveId, "ready");
  const running = { stop: false };
  const wrote = new Map<string, string[]>();
  const places = new Map<string, Set<string>>();
  const writers = Object.entries(resolvers).map(async ([name, resolve]) => {
    const note = resolve();
    const done: string[] = [];
    wrote.set(name, done);
    const seen = new Set<string>();
    places.set(name, seen);
    for (let n = 1; !running.stop; n += 1) {
      const body = `${name} ${n}`;
      seen.add(await note(body));
      done.push(body);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 300));
  await settle();
  await turn(moveId, cutOverMove, "moved");
  await settle();
  await turn(moveId, reverseMove, "ready");
  await settle();
  await turn(moveId, cutOverMove, "moved");
  await settle();
  running.stop = true;
  await Promise.all(writers);
  const there = new URL(shop.url);
  there.pathname = `/${to.databaseName}`;
  const client = new pg.Client(there.href);
  await client.connect();
  for (const [name, bodies] of wrote) {
    const { rows } = await client.query<{ body: string }>("SELECT body FROM notes WHERE body LIKE $1 || ' %'", [name]);
    expect(rows.map(({ body }) => body).sort(), name).toEqual([...bodies].sort());
    expect([...(places.get(name) ?? [])].sort(), name).toEqual([shared().database, to.databaseName].sort());
  }
  await client.end();
  // Both that use a pool opened one connection a place: what was refused went on with its own.
  expect(opened).toBe(4);
});

test("a resolver without a cache finds a tenant that has moved in the view, and others in the shared schema", async () => {
  for (const [name, resolve] of Object.entries(resolvers)) {
    expect(await resolve()("looked up"), name).not.toBe(shared().database);
  }
  await expect(readPlacement("2")).resolves.toEqual([]);
});

async function readPlacement(tenant: string): Promise<unknown[]> {
  return (await shop.client.query("SELECT FROM caretaker.placements WHERE tenant_key = $1", [tenant])).rows;
}
