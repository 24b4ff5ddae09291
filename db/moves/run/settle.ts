import type pg from "pg";
import { inControl } from "../../control.ts";
import { connectServer } from "../../fleet-register.ts";
import { dropSchema, dropStatement, tablesLedTo } from "../../managed/drop-schema.ts";
import { forgetStatements, readGate, removeGateStatement, turnGate } from "../../managed/moving/gate.ts";
import { keysTable } from "../../managed/moving/table.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { briefly } from "../briefly.ts";
import { takeDown } from "../capture/install.ts";
import { notedKeys } from "../copy/drain.ts";
import { keySet } from "../copy/keys.ts";
import { removeRows } from "../copy/remove.ts";
import { findStrays, removeBatch, removedAtOnce } from "../copy/strays.ts";
import { requireNoneKept } from "../held.ts";
import { type Move, turnState } from "../move.ts";
import type { End } from "../pair.ts";
import type { PlannedTable } from "../plan/tables.ts";
import { forgetPlace } from "./flip.ts";
import { type Hands, isWanted } from "./hands.ts";
import { tellHome } from "./home.ts";

/** Removes the old place's rows, which nobody can write or read any more, and everything that the move had put up. */
export async function complete(move: Move, hands: Hands): Promise<void> {
  const { from } = hands.pair;
  await requireGates(hands, "to");
  await requireNoneKept(move, true, from);
  const removed = await removeAll(move, hands, from, move.from.tier);
  await takeDownBoth(move, hands);
  if (move.to.tier === "shared") await removeGates(hands);
  await tellHome(move, hands, move.to, true);
  await forgetBoth(hands);
  const rows = Object.values(removed).reduce((sum, count) => sum + count, 0);
  const names = Object.entries(removed).map(([table, count]) => `${table} ${count}`);
  await end(move, hands, "completed", `Removed ${rows} rows at the old place: ${names.join(", ")}.`);
}

/** Takes back a move whose tenant is at the old place: it never left, or has come back. */
export async function abort(move: Move, hands: Hands): Promise<void> {
  const { to } = hands.pair;
  await requireGates(hands, "from");
  if (move.wasMoved) await requireNoneKept(move, false, to);
  // Before the notes go, which know of rows what the shared tables do not tell.
  if (move.to.tier === "shared") await removeAll(move, hands, to, "shared", (table) => removeNoted(hands, table));
  await takeDownBoth(move, hands);
  if (move.to.tier !== "shared") await dropOwn(hands, to, move.to.tier);
  if (move.to.tier === "shared") await leaveGate(hands);
  else await removeGates(hands);
  await tellHome(move, hands, move.from, true);
  await forgetBoth(hands);
  await end(move, hands, "aborted", "The tenant stays where it is; the copy was removed.");
}

/** A database that was made and never lived in goes; one with a log of its own stays, and one that was given up. */
export async function dropDatabase(move: Move): Promise<void> {
  if (!move.plan.createDatabase || move.wasMoved || move.givenUp) return;
  // By its server: the database is not of the fleet any more.
  const server = await connectServer(move.to.serverId, move.to.databaseName);
  try {
    await server.query("SET statement_timeout = '60s'");
    await server.query(`DROP DATABASE IF EXISTS ${identifier(move.to.databaseName)} WITH (FORCE)`);
  } finally {
    await server.end();
  }
}

/** Never removes what is the tenant's only copy, whatever the console believes. */
async function requireGates({ pair }: Hands, open: "from" | "to"): Promise<void> {
  const [stays, goes] = open === "from" ? [pair.from, pair.to] : [pair.to, pair.from];
  const [kept, left] = [await readGate(stays.client, stays.standing), await readGate(goes.client, goes.standing)];
  // Before the gates stood nothing was copied, and after they went nothing is left.
  if (left?.state !== "open" && (!kept || kept.state === "open")) return;
  throw new Error(`The gates do not say that the tenant lives at ${stays.address.database}.${stays.standing.schema}.`);
}

async function takeDownBoth(move: Move, { pair, signal }: Hands): Promise<void> {
  for (const place of [pair.from, pair.to]) {
    const gate = await readGate(place.client, place.standing);
    await takeDown(place, move.plan.tables, gate?.before ?? {}, signal);
  }
}

async function removeGates({ pair }: Hands): Promise<void> {
  for (const { client, standing } of [pair.from, pair.to]) await client.query(removeGateStatement(standing).sql);
}

/** The gate of the shared tables goes on saying where the tenant lives: the move took over what an earlier one had left there for that. */
async function leaveGate({ pair }: Hands): Promise<void> {
  const { from, to, epoch } = pair;
  const closed = { from: ["importing" as const, "moved" as const], to: "moved" as const, address: from.address, epoch };
  await turnGate(to.client, to.standing, closed);
  await from.client.query(removeGateStatement(from.standing).sql);
}

async function forgetBoth({ sessions, pair }: Hands): Promise<void> {
  for (const { client } of sessions) {
    for (const { sql } of forgetStatements(pair.moveId)) await client.query(sql);
  }
}

/**
 * Children that were copied before their parents are known as the tenant's by their keys alone: whatever was written since the move
 * began, and not carried yet, is among the notes.
 */
async function removeNoted({ pair: { from, to } }: Hands, table: PlannedTable): Promise<void> {
  if (!(await exists(from.client, keysTable(from.standing, table.ordinal)))) return;
  await removeRows(to, { table, set: keySet(table, await notedKeys(from, table)) });
}

/** In batches, children first. A tenant's own tables go with their schema. */
async function removeAll(
  move: Move,
  hands: Hands,
  place: End,
  tier: string,
  before: (table: PlannedTable) => Promise<void> = async () => {},
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  if (tier === "shared") await hands.pace.begin();
  for (const table of move.plan.tables.toReversed()) {
    const name = relation(place.standing.schema, table.name);
    if (!(await exists(place.client, name))) continue;
    removed[table.name] = 0;
    if (tier !== "shared") {
      const { rows } = await place.client.query<{ count: string }>(`SELECT count(*) AS count FROM ${name}`);
      removed[table.name] = Number(rows[0]?.count ?? 0);
      continue;
    }
    await before(table);
    const strays = await findStrays(hands.pair, table);
    for (;;) {
      hands.signal.throwIfAborted();
      const batch = hands.pace.rowsAtOnce(removedAtOnce);
      const begun = performance.now();
      const { rowCount } = await place.client.query(removeBatch(table, place.standing, strays, batch).sql);
      removed[table.name] = (removed[table.name] ?? 0) + (rowCount ?? 0);
      hands.say(`Removing ${table.name}: ${removed[table.name]} rows`);
      if ((rowCount ?? 0) < batch) break;
      await hands.pace.wrote(performance.now() - begun, rowCount ?? 0, () => isWanted(move));
    }
  }
  if (tier !== "shared") {
    // Counting may have taken a while, in which a hold came.
    await requireNoneKept(move, true, place);
    await dropOwn(hands, place, tier);
  }
  return removed;
}

/** A database of its own keeps what the log has for its tables: the tenant may come back. */
async function dropOwn({ signal }: Hands, { client, standing: { schema } }: End, tier: string): Promise<void> {
  await briefly(client, await tablesLedTo(client, schema), signal, () =>
    tier === "schema" ? dropSchema(client, schema) : client.query(dropStatement(schema).sql),
  );
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [name]);
  return rows[0]?.there ?? false;
}

/** Strikes the place that was left out of the console's books. */
export async function end(
  move: Move,
  { actor }: Pick<Hands, "actor">,
  state: "completed" | "aborted",
  line: string,
): Promise<void> {
  const [gone] = state === "completed" ? [move.fromPlacementId] : [move.toPlacementId];
  await inControl(
    actor,
    async (_tx, client) => {
      await client.query(
        "UPDATE placements SET state = 'dropped', closed_at = coalesce(closed_at, now()) WHERE id = $1",
        [gone],
      );
      await forgetPlace(client, state === "completed" ? move.from : move.to);
      if (state === "aborted" && move.plan.createDatabase && !move.wasMoved) {
        await client.query("UPDATE databases SET released_at = now() WHERE id = $1", [move.to.databaseId]);
      }
      await turnState(client, actor, move, state, line);
    },
    { tenantId: move.tenantKey },
  );
}
