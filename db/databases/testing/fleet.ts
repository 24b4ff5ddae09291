import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Actor } from "../../actor.ts";
import { freshDatabase, testServer } from "../../testing/databases.ts";
import { registerDatabase } from "../../testing/register.ts";
import { applyAdoption } from "../apply.ts";
import { confirmModel } from "../confirm.ts";
import type { DatabaseModel } from "../contract.ts";
import { planAdoption } from "../plan.ts";
import { proposeModel } from "../propose.ts";

export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** One of the schemas under e2e/schemas. */
export function schemaText(name: string): Promise<string> {
  return readFile(join("e2e", "schemas", `${name}.sql`), "utf8");
}

/** A database with this schema, a role for its application, and both known to the fleet. */
export async function foreignDatabase(
  sql: string,
): Promise<{ url: string; databaseId: string; role: string; appUrl: string }> {
  const url = await freshDatabase();
  await query(url, sql);
  const role = `app_${randomUUID().slice(0, 8)}`;
  const password = testServer().password || "none";
  await query(url, `CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  const schemas = await query<{ name: string }>(
    url,
    "SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'",
  );
  for (const { name } of schemas.map((one) => ({ name: pg.escapeIdentifier(one.name) }))) {
    await query(url, `GRANT USAGE ON SCHEMA ${name} TO ${role}`);
    await query(url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${role}`);
    await query(url, `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${name} TO ${role}`);
  }
  const databaseId = await registerDatabase(url, { adoptedAt: null });
  const appUrl = new URL(url);
  appUrl.username = role;
  appUrl.password = password;
  return { url, databaseId, role, appUrl: appUrl.href };
}

/** Proposes, lets the test correct, confirms, plans and applies. */
export async function adopt(
  actor: Actor,
  databaseId: string,
  correct: (model: DatabaseModel) => DatabaseModel = (model) => model,
): Promise<DatabaseModel> {
  const {
    evidence: _evidence,
    tenantsCandidates: _candidates,
    roles: _roles,
    ...proposed
  } = await proposeModel(actor, databaseId);
  const model = correct(proposed);
  await confirmModel(actor, { databaseId, model });
  const plan = await planAdoption(actor, databaseId);
  await applyAdoption(actor, { databaseId, planHash: plan.hash });
  return model;
}
