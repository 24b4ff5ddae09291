import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { moveJobs } from "../jobs.ts";
import { planMove } from "../plan/plan.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { cutOverMove, reverseMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";

const actor = systemActor("references test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 20);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

async function readyIn({ id }: Adopted, key: string): Promise<string> {
  const input = { tenantId: shop.tenants.get(key) ?? "", tier: "schema" as const, databaseId: id };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  await untilState(moveId, "ready");
  return moveId;
}

async function cutOver(moveId: string): Promise<void> {
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
}

test("a cutover takes no shared rows away that another tenant wrote at the new place, and brings what is missing", async () => {
  const host = await adoptedDatabase("");
  try {
    const [one, two] = [await readyIn(host, "1"), await readyIn(host, "2")];
    await cutOver(two);
    await host.client.query("INSERT INTO countries VALUES ('xb')");
    await shop.client.query("INSERT INTO countries VALUES ('ch')");
    const countries = async () => {
      const { rows } = await host.client.query<{ code: string }>("SELECT code FROM countries ORDER BY code");
      return rows.map(({ code }) => code);
    };
    await cutOver(one);
    expect(await countries()).toEqual(["at", "ch", "de", "xb"]);
    await reverseMove(actor, { moveId: one });
    await untilState(one, "ready");
    await shop.client.query("INSERT INTO countries VALUES ('li')");
    await cutOver(one);
    expect(await countries()).toEqual(["at", "ch", "de", "li", "xb"]);
  } finally {
    await host.client.end();
  }
});

test("a tenant finds what it wrote to shared tables at the new place when it comes there again", async () => {
  const host = await adoptedDatabase("");
  try {
    const moveId = await readyIn(host, "3");
    // Nobody lives there yet: what home has changed meanwhile replaces what was copied.
    await shop.client.query("INSERT INTO countries VALUES ('fr'); DELETE FROM countries WHERE code = 'de'");
    await cutOver(moveId);
    const { rows } = await host.client.query("SELECT FROM countries WHERE code = 'de'");
    expect(rows).toHaveLength(0);
    await host.client.query("INSERT INTO countries VALUES ('mine')");
    await reverseMove(actor, { moveId });
    await untilState(moveId, "ready");
    await cutOver(moveId);
    expect((await host.client.query("SELECT FROM countries WHERE code IN ('mine', 'fr')")).rowCount).toBe(2);
  } finally {
    await host.client.end();
  }
});
