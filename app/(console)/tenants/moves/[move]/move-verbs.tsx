"use client";
import { useNow } from "#components/time/clock.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { MoveView } from "#db/moves/contract.ts";
import { pauseMove, resumeMove, verifyMove } from "../actions.ts";
import { AbortMove, CompleteMove, CutOver, ReverseMove, Schedule } from "./dangerous-verbs.tsx";
import { GiveUp } from "./give-up.tsx";
import { Throttle } from "./throttle.tsx";

/** The verbs that the move's state allows now, and no others. */
export function MoveVerbs({ move }: { move: MoveView }) {
  const now = useNow();
  const may = new Set(move.verbs);
  const input = { moveId: move.id };
  const completable = move.completableAt !== null && Date.parse(move.completableAt) <= now;
  return (
    <>
      {may.has("throttle") ? <Throttle move={move} /> : null}
      {may.has("schedule") ? <Schedule move={move} /> : null}
      {may.has("verify") ? (
        <ActionButton action={verifyMove} input={input} doneMessage="Both places are compared again">
          Verify again
        </ActionButton>
      ) : null}
      {may.has("abort") ? <AbortMove move={move} /> : null}
      {may.has("reverse") ? <ReverseMove move={move} /> : null}
      {may.has("pause") ? (
        <ActionButton action={pauseMove} input={input} doneMessage="Move paused">
          Pause
        </ActionButton>
      ) : null}
      {may.has("resume") ? (
        <ActionButton action={resumeMove} input={input} look="primary" doneMessage="Move resumed">
          Resume
        </ActionButton>
      ) : null}
      {may.has("cut_over") ? <CutOver move={move} /> : null}
      {may.has("complete") && completable ? <CompleteMove move={move} /> : null}
      {may.has("give_up") && move.loss ? <GiveUp move={move} loss={move.loss} /> : null}
    </>
  );
}
