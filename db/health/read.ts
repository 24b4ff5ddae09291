import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { consoleDatabase, listAdopted, withDatabase } from "../fleet.ts";
import { auditCheckpoints } from "./audit-checkpoints.ts";
import { auditPartitions } from "./audit-partitions.ts";
import { auditSealing } from "./audit-sealing.ts";
import { auditStaged } from "./audit-staged.ts";
import { auditStreams } from "./audit-streams.ts";
import { auditTampering } from "./audit-tampering.ts";
import { blocking } from "./blocking.ts";
import { indexCache, tableCache } from "./cache.ts";
import { type Facts, type HealthCheck, toCheck, unknown, worst } from "./check.ts";
import { connections } from "./connections.ts";
import type { Check, DatabaseHealth, FleetHealth, SilentDatabase } from "./contract.ts";
import { readFacts } from "./facts.ts";
import { idleInTransaction, longestQuery, longestTransaction } from "./running.ts";
import { lockable, tableSizes } from "./sizes.ts";
import { tenantIsolation } from "./tenant-isolation.ts";
import { transactionIds } from "./transaction-ids.ts";
import { unusedIndexes } from "./unused-indexes.ts";

/** In the order in which a person at 3 a.m. would look. */
const checks: HealthCheck[] = [
  auditTampering,
  tenantIsolation,
  connections,
  blocking,
  longestQuery,
  longestTransaction,
  idleInTransaction,
  tableCache,
  indexCache,
  auditPartitions,
  auditStaged,
  auditSealing,
  auditCheckpoints,
  auditStreams,
  transactionIds,
  lockable,
  unusedIndexes,
  tableSizes,
];

// A page waits no longer for a database than this; a check has its own end besides.
const databaseMsMax = 8_000;
const checkMsMax = 3_000;

/** Asks every adopted database and the console's own now. One that is away is named in `silent`, the others answer. */
export async function readFleetHealth(
  actor: Actor,
  query: { database?: string | undefined } = {},
): Promise<FleetHealth> {
  authorise(actor, "health.read");
  const wanted = await wantedDatabases(query.database);
  const answers = await Promise.all(wanted.map(readOrSilent));
  return {
    databases: answers.filter((answer) => "checks" in answer),
    silent: answers.filter((answer) => "reason" in answer),
    asOf: new Date().toISOString(),
  };
}

interface Wanted {
  id: string;
  name: string;
  serverName: string | null;
}

async function wantedDatabases(only: string | undefined): Promise<Wanted[]> {
  const adopted = (await listAdopted()).map(({ id, name, serverName }) => ({ id, name, serverName }));
  const all: Wanted[] = [...adopted, { id: consoleDatabase, name: "console", serverName: null }];
  return only ? all.filter(({ id }) => id === only) : all;
}

async function readOrSilent(wanted: Wanted): Promise<DatabaseHealth | SilentDatabase> {
  try {
    return await withDatabase(wanted.id, (client) => readDatabase(client, wanted), { timeoutMs: checkMsMax });
  } catch (error) {
    return { databaseId: wanted.id, name: wanted.name, reason: reasonOf(error) };
  }
}

async function readDatabase(client: pg.PoolClient, wanted: Wanted): Promise<DatabaseHealth> {
  const facts = await readFacts(client, wanted.id);
  const deadline = Date.now() + databaseMsMax;
  const found: Check[] = [];
  for (const check of checks) found.push(await runCheck(client, check, facts, deadline));
  return {
    databaseId: wanted.id,
    name: wanted.name,
    serverName: wanted.serverName,
    version: facts.versionText,
    verdict: worst(found.map(({ verdict }) => verdict)),
    checks: found,
  };
}

/** Each behind a savepoint, so that one that fails is unknown by itself and takes no other with it. */
async function runCheck(client: pg.PoolClient, check: HealthCheck, facts: Facts, deadline: number): Promise<Check> {
  if (check.activity && !facts.readsActivity) {
    const found = unknown(
      "The role may not see other sessions.",
      "GRANT pg_read_all_stats TO the role of this server.",
    );
    return toCheck(check, facts, found);
  }
  if (Date.now() > deadline) return toCheck(check, facts, unknown("The database answered too slowly to get here."));
  await client.query("SAVEPOINT one_check");
  try {
    return toCheck(check, facts, await check.run(client, facts));
  } catch (error) {
    // Where the connection itself is gone this fails too, and the database is named as away.
    await client.query("ROLLBACK TO SAVEPOINT one_check");
    return toCheck(check, facts, unknown(`It could not be read: ${reasonOf(error)}`));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
