import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { forgetStatements, type Gate, readGate, removeGateStatement, takeMove } from "../../managed/moving/gate.ts";
import { takeDown } from "../capture/install.ts";
import { leftThere } from "../lost/contract.ts";
import { endingOf, type Side } from "../lost/ending.ts";
import { whyAbsent } from "../lost/look.ts";
import type { Move } from "../move.ts";
import type { End } from "../pair.ts";
import { endOthers, openSession } from "../session.ts";
import { endOf, type Holder } from "./hands.ts";
import { tellHome } from "./home.ts";
import { end } from "./settle.ts";

/**
 * Ends a move whose other place was given up at the one where its tenant lives: it is as without a move there. In the console's
 * books the lost place counts as gone, by which a sweeper knows whose it was.
 */
export async function endAlone(move: Move, { actor, signal }: Holder): Promise<"aborted" | "completed"> {
  const ending = endingOf(move.state);
  if (!ending) throw new Error(`A move that is ${move.state} is not being ended.`);
  const { stays, goes } = ending;
  const session = await openSession(move[stays].databaseId, move.id);
  try {
    const { client } = session;
    await endOthers(session, move.id);
    await takeMove(client, move.id, move.epoch);
    const place = endOf(move, stays, client);
    const gate = await openGate(move, place);
    await takeDown(place, move.plan.tables, gate?.before ?? {}, signal);
    // As without a move: it never left, or lives in the shared schema for good.
    if (stays === "from" || place.standing.shared) await client.query(removeGateStatement(place.standing).sql);
    if (!(await homeIsLost(move, goes))) await tellHome(move, { sessions: [session] }, move[stays], true);
    for (const { sql } of forgetStatements(move.id)) await client.query(sql);
  } finally {
    await session.close();
  }
  const state = stays === "from" ? "aborted" : "completed";
  await end(move, { actor }, state, `${told[state]} ${leftThere(move[goes], await copied(move))}`);
  return state;
}

const told = {
  aborted: "The tenant stays where it is, without the other place.",
  completed: "The tenant stays at the new place, without the old one.",
};

/**
 * The gate of the place where a tenant is said to live; null where it has none.
 *
 * @throws Refusal `conflict` where writers are refused there, whatever the console believes: the other place may have been its own.
 */
export async function openGate({ tenantName }: Move, { client, standing, address }: End): Promise<Gate | null> {
  const gate = await readGate(client, standing);
  if (!gate || gate.state === "open") return gate;
  const place = `${address.database}.${address.schema}`;
  throw new Refusal("conflict", `The gate of ${place} does not say that ${tenantName} lives there.`, {
    fix: "Nothing was changed. Find out which place had its last writes before anything else.",
  });
}

/** The database that lists the tenants may be, or lie beside, the one that was given up; then nobody asks it either. */
async function homeIsLost(move: Move, goes: Side): Promise<boolean> {
  const { rowCount } = await controlPool().query("SELECT FROM databases WHERE id = $1 AND server_id = $2", [
    move.homeDatabaseId,
    move[goes].serverId,
  ]);
  return rowCount === 1 && (await whyAbsent(move.homeDatabaseId)) !== null;
}

async function copied(move: Move): Promise<{ name: string; rows: number }[]> {
  const { rows } = await controlPool().query<{ name: string; rows: number }>(
    "SELECT name, coalesce(verified_rows, rows)::float8 AS rows FROM move_tables WHERE move_id = $1 ORDER BY ordinal",
    [move.id],
  );
  return rows;
}
