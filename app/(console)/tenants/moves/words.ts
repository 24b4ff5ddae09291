import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { MovePlace, MoveRow, MoveState, MovesStanding } from "#db/moves/contract.ts";
import { tierWords } from "../words.ts";

const stateWords: Record<MoveState, string> = {
  preparing: "making the new place",
  copying: "copying rows",
  indexing: "making keys and indexes",
  catching_up: "catching up with writes",
  verifying: "comparing both places",
  ready: "ready to cut over",
  cutting: "cutting over",
  moved: "moved, both ways open",
  reversing: "going back",
  completing: "removing the old place",
  completed: "completed",
  aborting: "taking the copy away",
  aborted: "aborted",
};

type Standing = Pick<MoveRow, "state" | "paused" | "error">;

export function moveWords({ state, paused, error }: Standing): string {
  const how = error !== null ? "stopped" : paused ? "paused" : null;
  if (how === null) return stateWords[state];
  if (state === "ready") return `${how} before the cutover`;
  return state === "moved" ? `${how} after the cutover` : `${how} while ${stateWords[state]}`;
}

export function moveKind({ state, paused, error }: Standing): StatusKind {
  if (error !== null) return "critical";
  if (paused) return "warning";
  return state === "ready" || state === "moved" || state === "completed" ? "good" : "neutral";
}

/** Whether nothing more can happen to it. */
export function isOverMove({ state }: Pick<MoveRow, "state">): boolean {
  return state === "completed" || state === "aborted";
}

/** "its own schema of demo on local". */
export function placeWords({ tier, databaseName, serverName }: MovePlace): string {
  if (tier === "database") return `its own database ${databaseName} on ${serverName}`;
  return `${tierWords[tier]} of ${databaseName} on ${serverName}`;
}

/** Where the tenant's writers are. */
export function livesAt<Place>({ from, to, state }: { from: Place; to: Place; state: MoveState }): Place {
  return ["moved", "reversing", "completing", "completed"].includes(state) ? to : from;
}

/** "1 move runs, 2 can be completed." */
export function standingWords(standing: MovesStanding): string {
  const { running, paused, failed, ready, reversible, completable } = standing;
  const parts = [
    failed > 0 ? `${counted(failed, "move")} stopped and ${failed === 1 ? "needs" : "need"} somebody` : "",
    running > 0 ? `${counted(running, "move")} ${running === 1 ? "runs" : "run"}` : "",
    paused > 0 ? `${paused} ${paused === 1 ? "is" : "are"} paused` : "",
    ready > 0 ? `${ready} can be cut over` : "",
    reversible > 0 ? `${reversible} can be reversed` : "",
    completable > 0 ? `${completable} can be completed` : "",
  ].filter(Boolean);
  return parts.length === 0 ? "No tenant is being moved." : `${parts.join(", ")}.`;
}
