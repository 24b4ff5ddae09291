import pg from "pg";
import { Refusal } from "../../errors.ts";
import { readDestination } from "../../managed/definition/destination.ts";
import { freshInstallStatements, readInstallOptions } from "../../managed/install.ts";
import { gateStatement, readGate } from "../../managed/moving/gate.ts";
import { makeOwnDatabase, ownDatabaseStatements, readDatabaseSettings } from "../../managed/own-database.ts";
import { guardReads, hangTriggers, makeNotes } from "../capture/install.ts";
import type { Move } from "../move.ts";
import type { End } from "../pair.ts";
import { findTables } from "../plan/catalog.ts";
import { checkHost, checkNamesakes } from "../plan/check/host.ts";
import { readSurroundings } from "../plan/check/servers.ts";
import { openSession } from "../session.ts";
import { type Hands, moverOf } from "./hands.ts";

/** Makes the database of a tenant's own as the one is that it leaves, and what Caretaker needs in it. */
export async function makeDatabase(move: Move): Promise<void> {
  const source = await openSession(move.from.databaseId, move.id);
  const settings = await readDatabaseSettings(source.client).finally(() => source.close());
  const server = await openSession(move.to.databaseId, move.id, "server");
  const { databaseName } = move.to;
  try {
    const { roles } = await readDestination(server.client);
    const { version } = await readSurroundings(server.client);
    await makeOwnDatabase(
      server.client,
      databaseName,
      ownDatabaseStatements(databaseName, settings, { roles, version }),
    );
  } finally {
    await server.close();
  }
  const target = await openSession(move.to.databaseId, move.id);
  try {
    await install(target.client);
  } finally {
    await target.close();
  }
}

async function install(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ installed: boolean }>(
    "SELECT to_regclass('caretaker.installed') IS NOT NULL AS installed",
  );
  if (rows[0]?.installed) return;
  const statements = freshInstallStatements(await readInstallOptions(client));
  const sql = statements.map((statement) => statement.sql).join(";\n");
  try {
    await client.query(`BEGIN;\n${sql};\nCOMMIT`);
  } catch (error) {
    await client.query("ROLLBACK");
    // The roles are the server's: another move has made them at this moment.
    if (!(error instanceof pg.DatabaseError) || error.constraint !== "pg_authid_rolname_index") throw error;
    await client.query(`BEGIN;\n${sql};\nCOMMIT`);
  }
}

/**
 * Everything before the first row: the tables of the new place, both gates, and the triggers at the place that is open. Each part
 * may be begun again.
 */
export async function prepare(move: Move, hands: Hands): Promise<void> {
  const { from, to } = hands.pair;
  const toMover = moverOf(hands, move.to.databaseId);
  if (!(await readGate(to.client, to.standing))) {
    const ddl = move.plan.before.map(({ sql }) => sql);
    await to.client.query("BEGIN");
    await requireNoNamesake(move, to);
    for (const sql of ddl) await to.client.query(sql);
    // The mover's own settings again, should a statement have changed them.
    await to.client.query("SET search_path = pg_catalog");
    await to.client.query(gateStatement(to.standing, "importing", from.address, await rowSecurityOf(move, to)).sql);
    await makeNotes(to, move.plan.tables, toMover);
    await to.client.query("COMMIT");
  }
  hands.say(`Following writes at ${move.from.databaseName}.${move.from.schema}`);
  await from.client.query(gateStatement(from.standing, "open", from.address, await rowSecurityOf(move, from)).sql);
  await makeNotes(from, move.plan.tables, moverOf(hands, move.from.databaseId));
  await hangTriggers(from, move.plan.tables, hands.signal);
  await guardReads(from, move.plan.tables, (await readGate(from.client, from.standing))?.before ?? {}, hands.signal);
}

/** The plan has looked, but another tenant may have come since. Two of one key that come at once follow one another here. */
async function requireNoNamesake(move: Move, { client }: End): Promise<void> {
  const { tenantId: id, tenantKey: key, tenantName: name, homeDatabaseId } = move;
  const tenant = { id, key, name, homeDatabaseId };
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('caretaker.gates ' || $1, 0))", [key]);
  const [problem] = [
    ...(await checkHost(tenant, move.to)),
    ...(await checkNamesakes(client, tenant, move.to, move.toPlacementId)),
  ];
  if (problem) throw new Refusal("conflict", problem.message, { fix: problem.fix });
}

export async function rowSecurityOf(move: Move, { client, standing }: End) {
  const found = await findTables(
    client,
    standing.schema,
    move.plan.tables.map(({ name }) => name),
  );
  return Object.fromEntries(found.map((table) => [table.name, table.rowSecurity]));
}
