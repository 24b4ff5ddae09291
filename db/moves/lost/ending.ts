import { createHash } from "node:crypto";
import type { MoveState } from "../contract.ts";
import type { Place } from "../plan/place.ts";

export type Side = "from" | "to";

/** Which place stays, since the tenant lives there, and which one goes. Null unless the move is being ended. */
export function endingOf(state: MoveState): { stays: Side; goes: Side } | null {
  if (state === "aborting") return { stays: "from", goes: "to" };
  return state === "completing" ? { stays: "to", goes: "from" } : null;
}

/** As `endingOf` while writers are to go from the one place to the other; their gates say where they are. */
export function cuttingOf(state: MoveState): { stays: Side; goes: Side } | null {
  if (state === "cutting") return { stays: "from", goes: "to" };
  return state === "reversing" ? { stays: "to", goes: "from" } : null;
}

/** What is agreed to when the place that was to go is given up: this ending, and that place. */
export function givingUpHash(
  move: { id: string; state: MoveState } & Record<Side, Pick<Place, "databaseId" | "schema" | "tier">>,
): string {
  const ending = endingOf(move.state);
  const { databaseId, schema, tier } = move[ending?.goes ?? "to"];
  return createHash("sha256")
    .update(JSON.stringify(["moves.give_up", move.id, move.state, databaseId, schema, tier]))
    .digest("hex");
}
