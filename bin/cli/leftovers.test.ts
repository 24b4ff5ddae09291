import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { type Working, work } from "#db/jobs/work.ts";
import { ownName } from "#db/managed/own-name.ts";
import { moveJobs } from "#db/moves/jobs.ts";
import { openShop, type Shop } from "#db/moves/testing/shop.ts";
import { freshControl } from "#db/testing/databases.ts";
import { startThrowaway } from "#db/testing/server.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

let shop: Shop;
let working: Working;
let token: string;
let server: Awaited<ReturnType<typeof startThrowaway>>;

// Other tests' databases are leftovers in the eyes of a sweeper, so it has a server of its own.
beforeAll(async () => {
  server = await startThrowaway();
  process.env.CARETAKER_TEST_SERVER = server.url;
  await freshControl();
  shop = await openShop(2, 20);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 50 });
  token = await tokenOf("administrator", ["tenants.read", "tenants.move", "jobs.read"]);
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
  await server.remove();
});

const listed = z.object({
  certain: z.array(z.object({ id: z.string(), name: z.string(), rows: z.number(), hash: z.string() })),
  doubtful: z.array(z.object({ name: z.string() })),
  silent: z.array(z.unknown()),
  hash: z.string(),
});

test("leftovers are listed with their SQL and removed by the plan that was shown", async () => {
  const tenantId = shop.tenants.get("1") ?? "";
  const schema = ownName(tenantId);
  await shop.client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.orders (LIKE public.orders)`);
  const found = await json(listed, ["moves", "leftovers", "list"], { token });
  expect(found).toMatchObject({ certain: [{ name: schema, rows: 0 }], doubtful: [], silent: [] });
  const { stdout } = await caretaker(["moves", "leftovers", "list"], { token });
  expect(stdout).toContain(`DROP SCHEMA "${schema}" CASCADE;`);
  const [{ id, hash } = { id: "", hash: "" }] = found.certain;

  const remove = ["moves", "leftovers", "remove", id, "--json"];
  expect(await caretaker([...remove, "--plan", "0"], { token })).toMatchObject({ code: 5 });
  const removed = z.object({ removed: z.number(), kept: z.number() });
  expect(await json(removed, [...remove.slice(0, 4), "--plan", hash], { token })).toEqual({ removed: 1, kept: 0 });
  expect((await json(listed, ["moves", "leftovers", "list"], { token })).certain).toEqual([]);
  expect(await caretaker([...remove, "--plan", hash], { token })).toMatchObject({ code: 5 });
});
