import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { moveJobs } from "./jobs.ts";
import { planMove } from "./plan/plan.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { untilState } from "./testing/until.ts";
import { cutOverMove, reverseMove } from "./verbs/act.ts";
import { startMove } from "./verbs/start.ts";

const actor = systemActor("constraints test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 100);
  await shop.client.query(`
    ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED, ADD COLUMN during int4range;
    UPDATE notes SET during = int4range(numbered.n::int, numbered.n::int + 1)
      FROM (SELECT id, row_number() OVER () AS n FROM notes) AS numbered WHERE numbered.id = notes.id;
    ALTER TABLE notes ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&);
    ALTER TABLE customers DROP CONSTRAINT customers_tenant_id_email_key,
      ADD CONSTRAINT mails UNIQUE (tenant_id, email) DEFERRABLE INITIALLY DEFERRED`);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

async function constraints(schema: string): Promise<string[]> {
  const { rows } = await shop.client.query<{ line: string }>(
    `SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
      WHERE contype IN ('p', 'u', 'x') AND connamespace = $1::regnamespace AND conname IN ('notes_pkey', 'apart', 'mails') ORDER BY conname`,
    [schema],
  );
  return rows.map(({ line }) => line.replace(`${schema}.`, ""));
}

test("deferrable and exclusion constraints hold at both places, and what they allow goes both ways", async () => {
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  const { to } = await untilState(moveId, "ready");
  // Two rows exchange what only one may have, which only a deferred constraint lets them.
  const exchange = (schema: string) => `BEGIN;
    UPDATE ${schema}.customers c SET email = (SELECT o.email FROM ${schema}.customers o WHERE o.tenant_id = 1 AND o.email <> c.email
        AND o.email IN ('c1@example.com', 'c2@example.com')) WHERE tenant_id = 1 AND email IN ('c1@example.com', 'c2@example.com');
    UPDATE ${schema}.notes SET id = gen_random_uuid() WHERE tenant_id = 1; COMMIT`;
  await shop.client.query(exchange("public"));
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
  expect(await constraints(to.schema)).toEqual(await constraints("public"));
  expect(await constraints(to.schema)).toHaveLength(3);
  await expect(
    shop.client.query(
      `INSERT INTO ${to.schema}.notes (tenant_id, during) SELECT 1, during FROM ${to.schema}.notes LIMIT 1`,
    ),
  ).rejects.toMatchObject({ code: "23P01" });
  await shop.client.query(exchange(to.schema));
  const there = `SELECT email, id FROM ${to.schema}.customers WHERE tenant_id = 1 ORDER BY id`;
  const { rows } = await shop.client.query(there);
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  expect((await shop.client.query("SELECT email, id FROM customers WHERE tenant_id = 1 ORDER BY id")).rows).toEqual(
    rows,
  );
}, 90_000);
