import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { findBinaries } from "../../local/binaries.ts";
import { ownName } from "../../managed/own-name.ts";
import { freshDatabase } from "../../testing/databases.ts";
import { suspendNamed } from "../testing.ts";
import { listPapers, openPaper } from "./papers.ts";
import { awkward, openStage, type Stage, type Tier } from "./testing.ts";

let stage: Stage;
let role: string;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-psql-"));
  stage = await openStage();
  role = new URL(stage.shop.applicationUrl).username;
  await stage.shop.client.query(`
    CREATE DOMAIN "My App".label AS text CHECK (length(VALUE) < 100);
    CREATE TABLE "My App".notes (
      id serial PRIMARY KEY,
      "orgId" uuid NOT NULL REFERENCES "My App"."Organization",
      order_id bigint REFERENCES "My App".orders,
      plan "My App"."Plan" NOT NULL DEFAULT 'paid',
      body text,
      tag "My App".label,
      weight float8,
      raw bytea,
      facts jsonb,
      at timestamptz
    );
    CREATE FUNCTION "My App".first_note() RETURNS text LANGUAGE sql AS $$ SELECT min(body) FROM "My App".notes $$;
    ALTER TABLE "My App".notes ALTER body SET DEFAULT "My App".first_note();
    CREATE INDEX notes_body_idx ON "My App".notes (lower(body));
    REVOKE ALL ON FUNCTION "My App".first_note() FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION "My App".first_note() TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON "My App".notes TO ${role}`);
  await controlPool().query(
    `INSERT INTO managed_tables
       (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
     VALUES ($1, 'My App', 'notes', 'tenant', 'It has the key.', 'orgId', '[]', '{id}', true, '{}', '{}')`,
    [stage.shop.databaseId],
  );
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

/** A tenant with rows in every table, among others'. */
async function furnished(tier: Tier, name: string): Promise<{ id: string; key: string }> {
  const leaver = await stage.tenantIn(tier, name);
  const client = await stage.inside(leaver.id);
  for (const note of awkward) {
    await client.query(
      `INSERT INTO notes ("orgId", order_id, body, tag, weight, raw, facts, at)
       SELECT $1, (SELECT min(id) FROM orders WHERE "orgId" = $1), $2, 'ä', 0.1::float8 + 0.2, '\\x5c00ff', '{"a": "b\\\\n"}', now()`,
      [leaver.key, note],
    );
  }
  await client.end();
  return leaver;
}

const mine = {
  Organization: "t.id = $1",
  orders: 't."orgId" = $1',
  lines: 't.order_id IN (SELECT id FROM orders WHERE "orgId" = $1)',
  notes: 't."orgId" = $1',
};

async function rowsIn(client: pg.Client, table: string, condition: string, values: string[]): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(
    `SELECT t::text AS row FROM "${table}" t WHERE ${condition} ORDER BY t.id`,
    values,
  );
  return rows.map(({ row }) => row);
}

async function fileOf(tenantId: string, kind: string): Promise<Buffer> {
  const paper = (await listPapers(stage.ada.actor, tenantId)).find((one) => one.kind === kind);
  const { body } = await openPaper(stage.ada.actor, { id: paper?.id ?? "" });
  return Buffer.concat(await Array.fromAsync(body));
}

/** In an empty database, by the machine's own psql, from a terminal whose encoding is another one. */
async function restored(file: Buffer, schema: string): Promise<pg.Client> {
  const { directory } = await findBinaries();
  const path = join(process.env.CARETAKER_DATA ?? "", "restored.sql");
  await writeFile(path, file);
  const url = await freshDatabase();
  const env = { ...process.env, PGCLIENTENCODING: "LATIN1" };
  await promisify(execFile)(join(directory, "psql"), ["-X", "-q", "-f", path, url], { env });
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`SET search_path = ${schema}, "My App"`);
  return client;
}

test.each(["shared", "schema", "database"] as const)(
  "psql restores the dump of a tenant of the %s tier row by row, where it goes on with its numbers, and its archive is the same",
  async (tier) => {
    const other = await furnished("shared", `Beside ${tier}`);
    const { id, key } = await furnished(tier, `Left ${tier}`);
    const schema = tier === "schema" ? ownName(id) : '"My App"';
    const inside = await stage.inside(id);
    await inside.query(`SET search_path = ${schema}, "My App"`);
    const before: Record<string, string[]> = {};
    for (const [table, condition] of Object.entries(mine))
      before[table] = await rowsIn(inside, table, condition, [key]);
    await inside.end();
    await stage.export(id, "dump");
    const dump = await fileOf(id, "export");
    expect(dump.includes(role)).toBe(false);
    expect(dump.includes(other.key)).toBe(false);
    const client = await restored(dump, schema);
    for (const table of Object.keys(mine)) expect(await rowsIn(client, table, "true", [])).toEqual(before[table]);
    await client.query('INSERT INTO notes ("orgId", order_id, body) SELECT "orgId", id, note FROM orders LIMIT 1');
    await client.query("INSERT INTO lines (order_id) SELECT id FROM orders LIMIT 1");
    await client.end();
    await suspendNamed(stage.ada.actor, { tenantId: id, reason: "leaving" });
    await stage.leave(id, "archive");
    expect((await fileOf(id, "archive")).equals(dump)).toBe(true);
  },
);
