import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { When } from "#components/time/when.tsx";
import type { MoveState, MoveView } from "#db/moves/contract.ts";
import { moveKind } from "../words.ts";

interface Step {
  label: string;
  /** While one of these is the state, it goes on. */
  while: MoveState[];
  /** The event at which it is done. */
  done: MoveState;
}

const way: Step[] = [
  { label: "Make the new place and follow writes", while: ["preparing"], done: "copying" },
  { label: "Copy the rows", while: ["copying"], done: "indexing" },
  { label: "Make keys, indexes and foreign keys", while: ["indexing"], done: "catching_up" },
  { label: "Catch up with what was written", while: ["catching_up"], done: "verifying" },
  { label: "Compare both places", while: ["verifying"], done: "ready" },
  { label: "Cut over", while: ["ready", "cutting"], done: "moved" },
  { label: "Keep both ways open", while: ["moved", "reversing"], done: "completing" },
  { label: "Remove the old place", while: ["completing"], done: "completed" },
];

/** The whole way, with how far it has come and when each part was done. */
export function MoveSteps({ move }: { move: MoveView }) {
  const current = way.findIndex((step) => step.while.includes(move.state));
  const given = move.state === "aborting" || move.state === "aborted";
  return (
    <ol className="grid gap-0.5">
      {way.map((step, at) => {
        const doneAt = latest(move, step.done);
        const done = given ? doneAt !== null : move.state === "completed" || at < current;
        return (
          <li
            key={step.label}
            aria-current={at === current ? "step" : undefined}
            className="grid min-h-6 grid-cols-[minmax(0,1fr)_auto] items-center gap-4"
          >
            <Mark kind={done ? "good" : at === current ? currentKind(move) : null}>{step.label}</Mark>
            <span className="text-faint text-xs">{done && doneAt ? <When at={doneAt} align="end" /> : null}</span>
          </li>
        );
      })}
      {given ? (
        <li className="min-h-6">
          <Status kind={move.state === "aborted" ? "neutral" : "warning"}>{abortedWords(move)}</Status>
        </li>
      ) : null}
    </ol>
  );
}

function abortedWords({ state, givenUpAt }: MoveView): string {
  if (givenUpAt !== null) return `${state === "aborted" ? "Aborted" : "Aborting"}: the copy was given up`;
  return state === "aborted" ? "Aborted: the copy was taken away" : "Aborting: the copy is taken away";
}

/** A step that waits for somebody is not done: its move may be well all the same. */
function currentKind(move: MoveView): StatusKind {
  const kind = moveKind(move);
  return kind === "good" ? "neutral" : kind;
}

function Mark({ kind, children }: { kind: StatusKind | null; children: string }) {
  if (kind === null) return <span className="pl-[18px] text-faint">{children}</span>;
  return <Status kind={kind}>{children}</Status>;
}

function latest({ events }: MoveView, kind: string): string | null {
  return events.find((event) => event.kind === kind)?.at ?? null;
}
