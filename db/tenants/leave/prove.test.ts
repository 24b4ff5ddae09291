import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { suspendNamed } from "../testing.ts";
import { listPapers } from "./papers.ts";
import { openStage, type Stage } from "./testing.ts";

let stage: Stage;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-prove-"));
  stage = await openStage();
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

test("an archive is proven where the names of a schema and a table hold a dot", async () => {
  const { client, databaseId } = stage.shop;
  await client.query(`
    CREATE SCHEMA "My.Shop.v2";
    CREATE TABLE "My.Shop.v2"."notes.old" (id bigint PRIMARY KEY, "orgId" uuid NOT NULL)`);
  await controlPool().query(
    `INSERT INTO managed_tables
       (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
     VALUES ($1, 'My.Shop.v2', 'notes.old', 'tenant', 'It has the key.', 'orgId', '[]', '{id}', true, '{}', '{}')`,
    [databaseId],
  );
  const { id, key } = await stage.tenantIn("shared", "With dots");
  await client.query(`INSERT INTO "My.Shop.v2"."notes.old" VALUES (1, $1)`, [key]);
  await suspendNamed(stage.ada.actor, { tenantId: id, reason: "leaving" });
  await stage.leave(id, "archive");
  const archive = (await listPapers(stage.ada.actor, id)).find(({ kind }) => kind === "archive");
  expect(archive?.facts).toMatchObject({
    proven: { tables: 4 },
    tables: { "My.Shop.v2.notes.old": { rows: 1 } },
  });
});
