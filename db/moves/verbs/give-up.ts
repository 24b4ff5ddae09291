import { type Actor, authorise } from "../../actor.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import type { ActOnMove } from "../contract.ts";
import { endingOf, givingUpHash } from "../lost/ending.ts";
import { whyAbsent } from "../lost/look.ts";
import { type Move, noteEvent, readMoveRecord } from "../move.ts";
import type { Place } from "../plan/place.ts";
import { openGate } from "../run/alone.ts";
import { endOf } from "../run/hands.ts";
import { openSession } from "../session.ts";
import { type Acted, act } from "./act.ts";
import { enqueueMove } from "./start.ts";

/**
 * Ends a move from where its tenant lives alone, where the place that was to go is lost for good: nothing is looked for there any
 * more. What lies there is a leftover, should its server ever come back.
 *
 * @throws Refusal `conflict` when that place answers or the other one refuses writers, `unreachable` when the one where the tenant lives does not answer either.
 */
export async function giveUpPlace(actor: Actor, input: ActOnMove): Promise<Acted> {
  authorise(actor, "tenants.move");
  // Before anything is locked: a server that is lost takes seconds not to answer.
  await requireLost(await readMoveRecord(input.moveId));
  return act(actor, input, "give_up", async ({ tx, client, move }) => {
    const need = { verb: "moves.give_up", tier: "irreversible" as const, subject: move.tenantName };
    await requireConsent(tx, actor, { ...need, planHash: givingUpHash(move) }, input);
    const { goes, stays } = placesOf(move);
    const { rowCount } = await client.query(
      `UPDATE moves
          SET given_up_at = now(), given_up_by = $3, silent_since = NULL, silent_why = NULL, error = NULL,
              state_version = state_version + 1
        WHERE id = $1 AND state_version = $2 AND given_up_at IS NULL
          AND EXISTS (SELECT FROM placements WHERE id = $4 AND state = 'open')`,
      [move.id, move.stateVersion, actor.name, stays === move.from ? move.fromPlacementId : move.toPlacementId],
    );
    if (rowCount !== 1) {
      throw new Refusal("conflict", `The console's books do not have ${move.tenantName} at ${nameOf(stays)}.`, {
        fix: "Find out where it lives before any place is given up.",
      });
    }
    await noteEvent(client, actor, move.id, "given_up", `${nameOf(goes)} was given up: ${input.reason?.trim()}`);
    return enqueueMove(client, actor, move);
  });
}

/** That place is not there, not for a broken line of the console's own, and the tenant's writers are at the other one. */
async function requireLost(move: Move): Promise<void> {
  if (!endingOf(move.state)) return;
  const { goes, stays } = placesOf(move);
  if ((await whyAbsent(goes.databaseId)) === null) {
    throw new Refusal("conflict", `${nameOf(goes)} answers.`, { fix: "Wait a minute: the move is ended there too." });
  }
  const why = await whyAbsent(stays.databaseId);
  if (why !== null) {
    throw new Refusal("unreachable", `${nameOf(stays)}, where ${move.tenantName} lives, is not there either: ${why}`, {
      fix: "Look after the console's own network first; the move waits.",
    });
  }
  const session = await openSession(stays.databaseId, move.id);
  try {
    await openGate(move, endOf(move, stays === move.from ? "from" : "to", session.client));
  } finally {
    await session.close();
  }
}

function placesOf(move: Move): { stays: Place; goes: Place } {
  const ending = endingOf(move.state);
  if (!ending) throw new Error(`A move that is ${move.state} is not being ended.`);
  return { stays: move[ending.stays], goes: move[ending.goes] };
}

function nameOf({ databaseName, serverName }: Place): string {
  return `${databaseName} on ${serverName}`;
}
