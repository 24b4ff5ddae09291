import type { Actor } from "../../actor.ts";
import { connectOnce, faultOf } from "../../connection.ts";
import type { ConnectionFault } from "../../connection-fault.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { type RegisteredDatabase, readRegistered } from "../../fleet-register.ts";
import type { Move } from "../move.ts";
import { cuttingOf, endingOf } from "./ending.ts";

/** A server that refuses a password or has no connection left is there. */
const absent: ConnectionFault["step"][] = ["dns", "network", "refused", "timeout", "database", "lost"];

/** Why nothing can be had of a database: it or its server is not there. Null when it answers, be it with a refusal. */
export async function whyAbsent(databaseId: string): Promise<string | null> {
  let registered: RegisteredDatabase;
  try {
    registered = await readRegistered(databaseId);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return error.message;
    throw error;
  }
  const { server, name } = registered;
  try {
    await (await connectOnce(server, name)).end();
    return null;
  } catch (error) {
    const fault = faultOf(error, server, name);
    return fault && absent.includes(fault.step) ? fault.what : null;
  }
}

/** After an attempt to end a move, or to cut it over, has failed: keeps whether that was for want of the place that is not the tenant's. */
export async function noteSilence(actor: Actor, move: Move): Promise<void> {
  const ending = endingOf(move.state) ?? cuttingOf(move.state);
  if (!ending || move.givenUp || move.from.databaseId === move.to.databaseId) return;
  const why = await whyAbsent(move[ending.goes].databaseId);
  await inControl(actor, (_tx, client) =>
    client.query(
      `UPDATE moves
          SET silent_why = $2, silent_since = CASE WHEN $2::text IS NOT NULL THEN coalesce(silent_since, now()) END
        WHERE id = $1 AND epoch = $3 AND state_version = $4`,
      [move.id, why, move.epoch, move.stateVersion],
    ),
  );
}
