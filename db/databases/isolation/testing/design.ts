import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "../../../actor.ts";
import { freshDatabase, testServer } from "../../../testing/databases.ts";
import { registerDatabase } from "../../../testing/register.ts";
import type { DatabaseModel } from "../../contract.ts";
import { proposeModel } from "../../propose.ts";
import { checkDatabase } from "../check.ts";
import type { CheckReport } from "../contract.ts";

/** One application's way to keep tenants apart. `@app` in its SQL is the role that it connects as. */
export interface Design {
  name: string;
  sql: string;
}

export interface Planted extends Design {
  /** Beginning of the kind, and the relation, of the finding that must name it. */
  finds: { kind: string; name: string };
  /** What mends it asks for a decision first, so that it is no statement to run as it is. */
  byHand?: true;
}

export interface Built {
  url: string;
  databaseId: string;
  role: string;
  model: DatabaseModel;
}

/** Two tenants with rows each, under this design. */
export async function build(actor: Actor, { sql }: Design): Promise<Built> {
  const url = await freshDatabase();
  const role = `app_${randomUUID().slice(0, 8)}`;
  await run(url, `CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(testServer().password || "none")}`);
  await run(url, sql.replaceAll("@app", role));
  const databaseId = await registerDatabase(url, { adoptedAt: null });
  const {
    evidence: _evidence,
    tenantsCandidates: _candidates,
    roles: _roles,
    ...proposed
  } = await proposeModel(actor, databaseId);
  return { url, databaseId, role, model: { ...proposed, applicationRole: role } };
}

export async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const result: unknown = await client.query(sql);
    return Array.isArray(result) ? [] : ((result as pg.QueryResult).rows as Record<string, unknown>[]);
  } finally {
    await client.end();
  }
}

export async function check({ url, model }: Pick<Built, "url" | "model">): Promise<CheckReport> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await checkDatabase(client, model, { progress: async () => {}, signal: new AbortController().signal });
  } finally {
    await client.end();
  }
}

/** Findings in short, for a test's message. */
export function words({ findings }: CheckReport): string[] {
  return findings
    .filter(({ severity }) => severity !== "note")
    .map(({ severity, kind, schema, name, what }) => `${severity}: ${kind} at ${schema}.${name}: ${what}`);
}
