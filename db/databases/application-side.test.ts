import { readFile } from "node:fs/promises";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acting as actingWithNodePostgres } from "../../docs/examples/node-postgres.ts";
import { acting as actingWithPostgresJs } from "../../docs/examples/postgres-js.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { adopt, foreignDatabase, query, schemaText } from "./testing/fleet.ts";

// The examples of docs/adoption.md, as an application runs them.

let url: string;
let appUrl: string;

beforeAll(async () => {
  await freshControl();
  const { actor } = await person("administrator");
  const made = await foreignDatabase(await schemaText("signing"));
  ({ url, appUrl } = made);
  await adopt(actor, made.databaseId, (model) => ({
    ...model,
    applicationRole: made.role,
    tables: model.tables.map((table) => ({ ...table, rowSecurity: table.name === "Team" })),
  }));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const who = {
  userId: "person-1",
  tenantId: "org_north",
  ip: "203.0.113.9",
  userAgent: "curl/8",
  requestId: "request-1",
};
const rename = `UPDATE "Team" SET "name" = $1 || "name"`;

function newest(): Promise<Record<string, unknown>[]> {
  return query(
    url,
    `SELECT user_id, tenant_id, host(ip_address) AS ip, user_agent, request_id, metadata ->> 'reason' AS reason
       FROM caretaker.audit_logs WHERE resource_type = 'Team' ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
}

const recorded = {
  user_id: "person-1",
  tenant_id: "org_north",
  ip: "203.0.113.9",
  user_agent: "curl/8",
  request_id: "request-1",
};

test("with node-postgres, the entry names the person, and only the tenant's rows are touched", async () => {
  const pool = new pg.Pool({ connectionString: appUrl, max: 1 });
  const touched = await actingWithNodePostgres(pool, { ...who, reason: "asked by mail" }, async (client) => {
    const { rowCount } = await client.query(rename, ["A "]);
    return rowCount;
  });
  expect(touched).toBe(1);
  expect(await newest()).toEqual([{ ...recorded, reason: "asked by mail" }]);
  const { rows } = await pool.query(
    "SELECT count(*)::int AS seen, current_setting('app.current_user_id', true) AS who FROM \"Team\"",
  );
  expect(rows).toEqual([{ seen: 0, who: "" }]);
  await pool.end();
});

test("with node-postgres, an error rolls everything back and the pool goes on", async () => {
  const pool = new pg.Pool({ connectionString: appUrl, max: 1 });
  const failing = actingWithNodePostgres(pool, who, async (client) => {
    await client.query(rename, ["never "]);
    throw new Error("stop");
  });
  await expect(failing).rejects.toThrow("stop");
  expect(
    await actingWithNodePostgres(pool, who, async (client) => (await client.query('SELECT "name" FROM "Team"')).rows),
  ).toEqual([{ name: expect.not.stringContaining("never") }]);
  await pool.end();
});

test("with postgres.js, the entry names the person, and only the tenant's rows are touched", async () => {
  const sql = postgres(appUrl, { max: 1 });
  const touched = await actingWithPostgresJs(sql, who, async (transaction) => {
    const rows = await transaction`UPDATE "Team" SET "name" = 'B ' || "name"`;
    return rows.count;
  });
  expect(touched).toBe(1);
  expect(await newest()).toEqual([{ ...recorded, reason: null }]);
  expect(await sql`SELECT count(*)::int AS seen FROM "Team"`).toMatchObject([{ seen: 0 }]);
  await sql.end();
});

test("docs/adoption.md shows these examples word for word", async () => {
  const text = await readFile("docs/adoption.md", "utf8");
  for (const name of ["node-postgres", "postgres-js"]) {
    expect(text).toContain((await readFile(`docs/examples/${name}.ts`, "utf8")).trim());
  }
});
