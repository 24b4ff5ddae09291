import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { readGate, takeMove } from "../../managed/moving/gate.ts";
import { cuttingOf, type Side } from "../lost/ending.ts";
import { type Move, turnState } from "../move.ts";
import { endOthers, openSession } from "../session.ts";
import { endOf } from "./hands.ts";

const patienceMinutes = 10;

/**
 * Takes a cutover back whose place to go to has not been there for ten minutes, so that the move can be ended. Only where the gate
 * of the other place never closed: where it did, the lost one may have been opened, and it alone knows. Answers what to tell.
 */
export async function retreat(actor: Actor, move: Move): Promise<Refusal | null> {
  const way = cuttingOf(move.state);
  if (!way || !(await isSilentForLong(move)) || !(await neverLeft(move, way.stays))) return null;
  const { databaseName, serverName } = move[way.goes];
  const line = `${databaseName} on ${serverName} has not been there for ${patienceMinutes} minutes; the tenant is where it was.`;
  await inControl(actor, async (_tx, client) => {
    await client.query("UPDATE moves SET cutover = 'asked', cutover_at = NULL WHERE id = $1", [move.id]);
    await turnState(client, actor, move, move.state === "cutting" ? "ready" : "moved", line);
  });
  return new Refusal("conflict", line, {
    fix: "Ask again when it is there. If it is lost for good, end the move: abort it, or complete it where it was cut over.",
  });
}

async function isSilentForLong(move: Move): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    "SELECT FROM moves WHERE id = $1 AND epoch = $2 AND silent_since < now() - make_interval(mins => $3)",
    [move.id, move.epoch, patienceMinutes],
  );
  return rowCount === 1;
}

/** Once this worker has the move at that place, no earlier one closes its gate any more. */
async function neverLeft(move: Move, stays: Side): Promise<boolean> {
  const session = await openSession(move[stays].databaseId, move.id);
  try {
    await endOthers(session, move.id);
    await takeMove(session.client, move.id, move.epoch);
    const gate = await readGate(session.client, endOf(move, stays, session.client).standing);
    return gate?.state === "open";
  } finally {
    await session.close();
  }
}
