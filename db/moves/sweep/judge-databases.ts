import { identifier } from "../../managed/statement.ts";
import { placeDoubts, tablePart } from "./judge-schemas.ts";
import { isNeeded, livesAt } from "./known.ts";
import type { Draft, Looked } from "./leftover.ts";
import { type Inside, lookInside } from "./look-inside.ts";
import type { NamedDatabase } from "./survey.ts";

/** Databases of the server that are named for tenants who do not live in them; only the one, where it is named. */
export async function judgeDatabases(looked: Looked, only?: string): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const database of looked.survey.databases) {
    if (only !== undefined && database.name !== only) continue;
    const places = looked.known.tenants.get(database.tenantId)?.places ?? [];
    if (places.some((place) => place.databaseName === database.name && isNeeded(place))) continue;
    drafts.push(await judgeDatabase(looked, database));
  }
  return drafts;
}

async function judgeDatabase(looked: Looked, database: NamedDatabase): Promise<Draft> {
  const tenant = looked.known.tenants.get(database.tenantId) ?? null;
  const lives = tenant ? livesAt(tenant) : null;
  const recorded =
    tenant?.places.some((place) => place.databaseName === database.name && place.state === "dropped") ?? false;
  const inside = tenant ? await lookInside(looked.serverId, database.name).catch(asError) : null;
  const found: Inside = inside === null || inside instanceof Error ? { tables: [], gates: [], entries: 0 } : inside;
  const rows = found.tables.reduce((sum, table) => sum + table.rows, 0);
  const doubts = placeDoubts(tenant, found.gates, recorded, rows);
  if (inside instanceof Error) doubts.push(`It could not be looked into: ${inside.message}`);
  if (found.entries > 0)
    doubts.push(
      `Its log has ${found.entries} entries of the time when ${tenant?.name} lived in it. Archive them; then it can be dropped by hand.`,
    );
  if (database.sessions > 0) doubts.push(`${database.sessions} sessions are connected to it.`);
  return {
    kind: "database",
    name: database.name,
    tenant,
    moveId: null,
    parts: found.tables.map(tablePart),
    rows,
    bytes: database.bytes,
    doubts,
    why: `${tenant?.name} lives in ${lives?.databaseName}.${lives?.schema}, no move and no making of it goes on, nobody is connected to it, and its log has no entry.`,
    statements: [
      {
        sql: `DROP DATABASE ${identifier(database.name)}`,
        object: `database ${database.name}`,
        lock: "none; refused while anybody is connected to it",
        why: "Its tenant lives elsewhere.",
        transactional: false,
      },
    ],
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
