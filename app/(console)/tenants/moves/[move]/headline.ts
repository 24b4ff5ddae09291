import { counted, percent } from "#components/numbers/format.ts";
import { isOver } from "#components/progress/use-job.ts";
import { duration } from "#components/time/duration.ts";
import type { LiveMove, MoveState, MoveView } from "#db/moves/contract.ts";
import { livesAt, placeWords } from "../words.ts";

/** How far the step that goes on has come, 0 to 1; null where no figure says so. */
export function shareOf({ move, job }: Pick<LiveMove, "move" | "job">): number | null {
  if (move.state === "copying") return move.estimatedRows > 0 ? Math.min(1, move.rows / move.estimatedRows) : 0;
  const compared = comparedOf({ move, job });
  return compared === null ? null : Math.min(1, compared.done / compared.total);
}

/** How many of the tables were compared in this round; until the first, the job still tells of what it did before. */
export function comparedOf({ move, job }: Pick<LiveMove, "move" | "job">): { done: number; total: number } | null {
  const progress = job?.progress;
  if (move.state !== "verifying" || progress?.unit !== "tables" || !progress.total) return null;
  return { done: progress.done, total: progress.total };
}

const steps: MoveState[] = ["preparing", "copying", "indexing", "catching_up", "verifying"];

/** Whether a worker should be at it. */
export function isGoing({ state, paused, error }: MoveView): boolean {
  if (paused || error !== null) return false;
  return steps.includes(state) || ["cutting", "reversing", "completing", "aborting"].includes(state);
}

/** Going by its state, and with no job that is at it. */
export function isStranded({ move, job }: LiveMove): boolean {
  return isGoing(move) && (job === null || isOver(job));
}

/** The page's title: the percent first, where there is one. */
export function titleOf(live: LiveMove, words: string): string {
  const share = isGoing(live.move) ? shareOf(live) : null;
  return `${share === null ? words : percent(share, 0)} · Move of ${live.move.tenantName} · Caretaker`;
}

/** Where it stands in one sentence, with where the tenant's writers are meanwhile. */
export function sentenceOf(live: LiveMove, left: string | null): string {
  const { move } = live;
  const name = move.tenantName;
  const here = `${name} goes on writing to ${placeWords(livesAt(move))}`;
  if (move.error !== null || move.loss !== null) return `${here}.`;
  if (move.paused) return `Paused by ${move.pausedBy ?? "somebody"}; ${here}, and nothing that is copied is lost.`;
  switch (move.state) {
    case "copying":
      return `${percent(shareOf(live) ?? 0, 0)} of about ${counted(Math.round(move.estimatedRows), "row")} are copied${left ? `, about ${left} left` : ""}; ${here}.`;
    case "ready":
      return `Both places hold the same rows. ${here}, until somebody cuts over${move.cutover === "at" ? ", or its time comes" : ""}.`;
    case "moved":
      return `${here}${move.pauseMs === null ? "" : `; its writers waited ${duration(move.pauseMs)}`}. It can be reversed without loss until it is completed.`;
    case "cutting":
      return `${name}'s writers are about to go to ${placeWords(move.to)}.`;
    case "reversing":
      return `${name}'s writers are about to go back to ${placeWords(move.from)}.`;
    case "completing":
      return `What is left at ${placeWords(move.from)} is being removed; ${here}.`;
    case "completed":
      return `${name} lives in ${placeWords(move.to)}; the old place ${endOf(move)}.`;
    case "aborting":
      return `The copy is being taken away; ${here}.`;
    case "aborted":
      return `${name} stayed in ${placeWords(move.from)}; the copy ${endOf(move)}.`;
    default:
      return `${here}.`;
  }
}

function endOf({ givenUpAt }: MoveView): string {
  return givenUpAt === null ? "is gone" : "was given up where it lay";
}
