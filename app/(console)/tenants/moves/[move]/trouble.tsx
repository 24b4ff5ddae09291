import Link from "next/link";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { isOver } from "#components/progress/use-job.ts";
import { When } from "#components/time/when.tsx";
import type { LiveMove, MoveLoss, MoveView } from "#db/moves/contract.ts";
import { livesAt, placeWords } from "../words.ts";
import { isStranded } from "./headline.ts";

/** What stopped the move: what happened, what it means for the tenant, what to do next. */
export function Trouble({ live }: { live: LiveMove }) {
  const { move, job } = live;
  if (move.loss !== null) return <Lost move={move} loss={move.loss} />;
  if (move.error !== null) {
    return (
      <FailedState title={move.error}>
        {safe(move)} {next(move)}
      </FailedState>
    );
  }
  if (job !== null && !isOver(job) && job.error !== null) {
    return (
      <p role="status" className="rounded bg-sunken px-3 py-1.5 text-warning">
        ▲ The last attempt ended: {job.error} It is tried again by itself, and goes on where it left off. {safe(move)}
      </p>
    );
  }
  if (job === null || !isStranded(live) || job.state === "done") return null;
  return (
    <FailedState title={`No worker is at it: ${job.error ?? `its job was ${job.state}`}`}>
      {safe(move)} It is taken up again within a minute. <Link href={`/jobs/${job.id}`}>Look at the job</Link>
    </FailedState>
  );
}

/** It is asked again within a minute, for ever. */
function Lost({ move, loss: { place, since, why } }: { move: MoveView; loss: MoveLoss }) {
  return (
    <FailedState title={`The place that is to go cannot be reached: ${why}`}>
      Since <When at={since} /> the move cannot be ended in {placeWords(place)}. {safe(move)} When that place answers
      again, the move ends by itself. If it is lost for good, give it up; until then the tenant cannot be moved
      elsewhere.
    </FailedState>
  );
}

function safe(move: MoveView): string {
  return `${move.tenantName} is in ${placeWords(livesAt(move))}, and nothing of it is lost.`;
}

function next({ verbs, state }: MoveView): string {
  if (state === "ready")
    return "Mend the cause and resume, which follows the writes again, or cut over again. Or abort.";
  if (state === "moved")
    return "Mend the cause and resume: until then what is written is noted and not carried back, and reversing takes longer or fails.";
  if (verbs.includes("resume"))
    return "Mend the cause and resume: it goes on where it left off. Or abort, which takes the copy away.";
  return state === "completed" || state === "aborted"
    ? ""
    : "It is tried again within a minute; mend the cause meanwhile.";
}
