import { Bar } from "#components/charts/bar.tsx";
import { bytes, count, counted, percent } from "#components/numbers/format.ts";
import { isOver } from "#components/progress/use-job.ts";
import type { LiveMove } from "#db/moves/contract.ts";
import { moveWords } from "../words.ts";
import { comparedOf, isGoing, shareOf } from "./headline.ts";

interface MoveProgressProps {
  live: LiveMove;
  /** Rows a second. */
  pace: number | null;
  left: string | null;
}

/** The step that goes on: how far, how fast, how long still, and the last line of its job. Nothing where nobody is at it. */
export function MoveProgress({ live, pace, left }: MoveProgressProps) {
  const { move, job } = live;
  if (move.loss !== null || (!isGoing(move) && !(move.paused && move.state === "copying"))) return null;
  const share = shareOf(live);
  const compared = comparedOf(live);
  const copied = move.tables.reduce((sum, table) => sum + table.bytes, 0);
  const label = share === null ? `${moveWords(move)}: amount unknown` : `${moveWords(move)}: ${percent(share, 0)}`;
  return (
    <div className="grid gap-1.5">
      <Bar share={share ?? 0} label={label} />
      <p className="flex min-h-5 flex-wrap gap-x-4 text-muted text-xs tabular-nums">
        {share === null ? null : <span>{percent(share, 0)}</span>}
        {move.state === "copying" ? (
          <>
            <span>
              {count(move.rows)} of about {count(Math.round(move.estimatedRows))} rows
            </span>
            <span>{bytes(copied)}</span>
            {pace === null || move.paused ? null : <span>{count(Math.round(pace))} rows/s</span>}
            {left === null || move.paused ? null : <span>about {left} left</span>}
          </>
        ) : null}
        {compared ? (
          <span>
            {count(compared.done)} of {counted(compared.total, "table")}
          </span>
        ) : null}
        {job?.state === "queued" ? <span>waiting for a worker</span> : null}
      </p>
      <p className="min-h-5 text-muted text-xs">{move.held}</p>
      <p className="min-h-5 truncate font-mono text-faint text-xs">{job && !isOver(job) ? job.progress?.line : ""}</p>
    </div>
  );
}
