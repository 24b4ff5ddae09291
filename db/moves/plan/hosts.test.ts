import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../../control.ts";
import { work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import type { MoveProblem } from "../contract.ts";
import { moveJobs } from "../jobs.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { abortMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";
import { schemaHosts } from "./hosts.ts";
import { planMove } from "./plan.ts";

const actor = systemActor("hosts test");
let shop: Shop;
/** Another application with tenants of the same keys. */
let other: Shop;
/** A database that lists no tenants. */
let host: Adopted;

beforeAll(async () => {
  await freshControl();
  [shop, other, host] = [await openShop(2, 20), await openShop(2, 20), await adoptedDatabase("")];
});

afterAll(async () => {
  for (const { client } of [shop, other, host]) await client.end();
});

const wanted = (databaseId: string) => ({
  tenantId: shop.tenants.get("1") ?? "",
  tier: "schema" as const,
  databaseId,
});

/** What the plan has against the database itself. */
async function against(databaseId: string): Promise<Pick<MoveProblem, "severity" | "code">[]> {
  const { problems } = await planMove(actor, wanted(databaseId));
  return problems
    .filter(({ code }) => ["lists_tenants", "same_key", "own_database"].includes(code))
    .map(({ severity, code }) => ({ severity, code }));
}

async function offered(): Promise<string[]> {
  return (await schemaHosts(actor, wanted("").tenantId)).map(({ id }) => id).toSorted();
}

test("a schema is not put into a database that lists tenants of its own, and is not offered there", async () => {
  expect(await against(other.id)).toEqual([{ severity: "blocking", code: "lists_tenants" }]);
  const { hash } = await planMove(actor, wanted(other.id));
  const started = startMove(actor, { ...wanted(other.id), planHash: hash, cutover: "asked", graceHours: 0 });
  await expect(started).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("lists tenants") });
  await controlPool().query("UPDATE databases SET tenants_table = NULL WHERE id = $1", [other.id]);
  expect(await against(other.id)).toEqual([{ severity: "blocking", code: "lists_tenants" }]);
  expect(await against(host.id)).toEqual([]);
  expect(await offered()).toEqual([shop.id, host.id].toSorted());
});

test("a schema is not put into a tenant's own database, which goes with its owner, and is not offered there", async () => {
  const owned = "UPDATE databases SET own_tenant_key = $2, home_database_id = $3 WHERE id = $1";
  await controlPool().query(owned, [host.id, "2", shop.id]);
  expect(await against(host.id)).toEqual([{ severity: "blocking", code: "own_database" }]);
  expect(await offered()).toEqual([shop.id]);
  await controlPool().query(owned, [host.id, null, null]);
  expect(await against(host.id)).toEqual([]);
});

test("a tenant does not come to a database that knows another one with its key", async () => {
  const clash = [{ severity: "blocking", code: "same_key" }];
  await host.client.query(
    "INSERT INTO caretaker.gates VALUES ('1', 't_other', 'moved', gen_random_uuid(), '{}', '{}'), ('2', 't_two', 'moved', gen_random_uuid(), '{}', '{}')",
  );
  expect(await against(host.id)).toEqual(clash);
  await host.client.query("DELETE FROM caretaker.gates");
  await host.client.query("INSERT INTO caretaker.suspended_tenants VALUES ('1', 'unpaid')");
  expect(await against(host.id)).toEqual(clash);
  await host.client.query("DELETE FROM caretaker.suspended_tenants");
  const { rows } = await controlPool().query<{ id: string }>(
    "INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, 'schema', $2, 't_other', 'moved') RETURNING id",
    [other.tenants.get("1"), host.id],
  );
  expect(await against(host.id)).toEqual(clash);
  await controlPool().query("UPDATE placements SET state = 'dropped' WHERE id = $1", [rows[0]?.id]);
  expect(await against(host.id)).toEqual([]);
});

test("a suspension that the tenant itself left behind does not keep it away", async () => {
  await host.client.query("INSERT INTO caretaker.suspended_tenants VALUES ('1', 'unpaid')");
  await controlPool().query(
    "INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, 'schema', $2, 't_one', 'dropped')",
    [shop.tenants.get("1"), host.id],
  );
  expect(await against(host.id)).toEqual([]);
  await host.client.query("DELETE FROM caretaker.suspended_tenants");
});

test("a tenant of the same key that came after the plan stops the move before it has a gate", async () => {
  const { hash } = await planMove(actor, wanted(host.id));
  const { moveId } = await startMove(actor, {
    ...wanted(host.id),
    planHash: hash,
    cutover: "asked",
    graceHours: 0,
  });
  await host.client.query("INSERT INTO caretaker.gates VALUES ('1', 't_other', 'open', gen_random_uuid(), '{}', '{}')");
  const working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
  try {
    await expect(untilState(moveId, "ready")).rejects.toThrow("knows another tenant with the key 1");
    const { rows } = await host.client.query("SELECT schema_name FROM caretaker.gates WHERE tenant_key = '1'");
    expect(rows).toEqual([{ schema_name: "t_other" }]);
    await abortMove(actor, { moveId });
    await untilState(moveId, "aborted");
  } finally {
    await working.stop();
  }
  expect((await host.client.query("SELECT FROM caretaker.gates WHERE tenant_key = '1'")).rowCount).toBe(1);
});
