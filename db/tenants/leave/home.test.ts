import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { ownName } from "../../managed/own-name.ts";
import { openShop, type Shop } from "../fixture.ts";
import { suspendNamed } from "../testing.ts";
import { listPapers, openPaper } from "./papers.ts";
import { planLeave } from "./plan.ts";
import { awkward, type Leaver, openStage, type Stage } from "./testing.ts";

let stage: Stage;
/** Another adopted database, whose tenants table is called the same. */
let other: Shop;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-leave-"));
  stage = await openStage();
  other = await openShop({ rowSecurity: true });
});

afterAll(async () => {
  await stage.shop.client.end();
  await other.client.end();
  await closeFleet();
  await closeControl();
});

async function fileOf(tenantId: string, kind: "export" | "archive"): Promise<string> {
  const paper = (await listPapers(stage.ada.actor, tenantId)).find((one) => one.kind === kind);
  const { body } = await openPaper(stage.ada.actor, { id: paper?.id ?? "" });
  let text = "";
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
}

/** As a move leaves it: without the row that lists it. */
async function movedToDatabase(name: string): Promise<Leaver> {
  const leaver = await stage.tenantIn("database", name);
  const inside = await stage.inside(leaver.id);
  await inside.query('DROP TABLE "Organization" CASCADE');
  await inside.end();
  await controlPool().query(
    "DELETE FROM managed_tables WHERE name = 'Organization' AND database_id = (SELECT id FROM databases WHERE name = $1)",
    [ownName(leaver.id)],
  );
  return leaver;
}

/** As a move leaves it: a schema of its own in the other database, which lists a tenant by the same key. */
async function movedToOther(name: string): Promise<Leaver> {
  const leaver = await stage.tenantIn("shared", name);
  const own = ownName(leaver.id);
  await other.client.query(`
    CREATE SCHEMA ${own};
    CREATE TABLE ${own}.orders (LIKE "My App".orders INCLUDING ALL);
    CREATE TABLE ${own}.lines (LIKE "My App".lines INCLUDING ALL);
    INSERT INTO ${own}.orders ("orgId", note) VALUES ('${leaver.key}', 'there');
    INSERT INTO "My App"."Organization" (id, "displayName", "order", plan, "updatedAt") VALUES ('${leaver.key}', 'Namesake', 'namesake', 'free', now());
    INSERT INTO "My App".orders ("orgId", note) VALUES ('${leaver.key}', 'of the namesake');
    INSERT INTO caretaker.gates (tenant_key, schema_name, state, move_id, placement, before)
    SELECT '${leaver.key}', s, 'open', gen_random_uuid(), '{}', '{}' FROM unnest(ARRAY['${own}', 'My App']) s`);
  await stage.shop.client.query(`
    DELETE FROM "My App".lines WHERE order_id IN (SELECT id FROM "My App".orders WHERE "orgId" = '${leaver.key}');
    DELETE FROM "My App".orders WHERE "orgId" = '${leaver.key}';
    INSERT INTO caretaker.gates (tenant_key, schema_name, state, move_id, placement, before)
    VALUES ('${leaver.key}', 'My App', 'moved', gen_random_uuid(), '{}', '{}')`);
  await controlPool().query(
    `INSERT INTO managed_tables (database_id, schema, name, class, reason, tenant_column, tenant_path, tenant_constant, primary_key,
                                 audited, masked_columns, ignored_columns)
     SELECT $1, $2, name, class, 'It came with its tenant.', tenant_column, '[]', $3, primary_key, true, '{}', '{}'
       FROM managed_tables WHERE database_id = $1 AND schema = 'My App' AND name IN ('orders', 'lines')`,
    [other.databaseId, own, leaver.key],
  );
  await suspendNamed(stage.ada.actor, { tenantId: leaver.id, reason: "leaving" });
  await controlPool().query(
    "UPDATE placements SET tier = 'schema', database_id = $2, schema = $3 WHERE tenant_id = $1 AND state = 'open'",
    [leaver.id, other.databaseId, own],
  );
  return leaver;
}

test("the export of a tenant that moved to its own database has the row that lists it", async () => {
  const { id, key } = await movedToDatabase("Moved away");
  await stage.export(id);
  const lines = (await fileOf(id, "export")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toContainEqual({
    table: "My App.Organization",
    row: expect.objectContaining({ id: key, displayName: "Moved away" }),
  });
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
    end: { rows: { "My App.Organization": 1, "My App.lines": awkward.length, "My App.orders": awkward.length } },
  });
});

test("the archive of a tenant that moved to its own database has the row that lists it, which then goes", async () => {
  const { id, key } = await movedToDatabase("Moved and archived");
  await suspendNamed(stage.ada.actor, { tenantId: id, reason: "leaving" });
  await stage.leave(id, "archive");
  expect(await fileOf(id, "archive")).toMatch(new RegExp(`^${key}\tMoved and archived\t`, "m"));
  const listed = await stage.shop.client.query('SELECT FROM "My App"."Organization" WHERE id = $1', [key]);
  expect(listed.rowCount).toBe(0);
});

test("a row that lists a tenant and is not like its copy any more is pointed out", async () => {
  const { id, key } = await stage.tenantIn("database", "Twice");
  const ask = { tenantId: id, how: "archive" as const };
  const before = await planLeave(stage.ada.actor, ask);
  expect(before.problems.map(({ subject }) => subject)).not.toContain("My App.Organization");
  await stage.shop.client.query('UPDATE "My App"."Organization" SET seats = 6 WHERE id = $1', [key]);
  const after = await planLeave(stage.ada.actor, ask);
  expect(after.problems).toContainEqual(
    expect.objectContaining({ severity: "warning", subject: "My App.Organization" }),
  );
  expect(after.hash).not.toBe(before.hash);
});

test("a tenant that lives in another adopted database is exported and archived with its own listing, and a namesake there stays", async () => {
  const { id, key } = await movedToOther("Far away");
  await stage.export(id);
  expect(await fileOf(id, "export")).toContain('"displayName":"Far away"');
  await stage.leave(id, "archive");
  const archive = await fileOf(id, "archive");
  expect(archive).toMatch(new RegExp(`^${key}\tFar away\t`, "m"));
  expect(archive).not.toContain("amesake");
  const at = async ({ client }: Shop): Promise<unknown> =>
    (
      await client.query(
        `SELECT (SELECT count(*)::int FROM "My App"."Organization" WHERE id::text = $1) AS listed,
                (SELECT count(*)::int FROM pg_namespace WHERE nspname = $2) AS schemas,
                (SELECT array_agg(schema_name::text) FROM caretaker.gates WHERE tenant_key = $1) AS gates,
                (SELECT count(*)::int FROM caretaker.suspended_tenants WHERE tenant_key = $1) AS suspended`,
        [key, ownName(id)],
      )
    ).rows[0];
  expect(await at(stage.shop)).toEqual({ listed: 0, schemas: 0, gates: null, suspended: 0 });
  expect(await at(other)).toEqual({ listed: 1, schemas: 0, gates: ["My App"], suspended: 0 });
  const { rows } = await other.client.query('SELECT note FROM "My App".orders WHERE "orgId" = $1', [key]);
  expect(rows).toEqual([{ note: "of the namesake" }]);
});
