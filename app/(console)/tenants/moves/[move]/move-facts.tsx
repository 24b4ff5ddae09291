import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { type Fact, Facts } from "#components/page/facts.tsx";
import { useNow } from "#components/time/clock.tsx";
import { duration } from "#components/time/duration.ts";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { MovePlace, MoveView } from "#db/moves/contract.ts";
import { paceText } from "#db/moves/pace/text.ts";
import { tierNames } from "../../words.ts";
import { isOverMove, livesAt } from "../words.ts";

export function MoveFacts({ move }: { move: MoveView }) {
  const lives = livesAt(move);
  const items: (Fact | null)[] = [
    { label: "From", value: <Place place={move.from} writers={lives === move.from} /> },
    { label: "To", value: <Place place={move.to} writers={lives === move.to} /> },
    { label: "Cut over", value: <CutOver move={move} /> },
    { label: "Pause", value: pauseOf(move) },
    { label: "Lag", value: <Lag move={move} /> },
    isOverMove(move) || move.state === "moved"
      ? null
      : { label: "Speed", value: paceText(move.pace, move.paceLimits, move.throttleRows) },
    { label: "Way back", value: <WayBack move={move} /> },
    {
      label: "Started",
      value: (
        <>
          by {move.actorName}, <When at={move.startedAt} />
          {move.reason ? `: ${move.reason}` : ""}
        </>
      ),
    },
    move.jobId === null ? null : { label: "Job", value: <Link href={`/jobs/${move.jobId}`}>Look at its job</Link> },
    { label: "Id", value: <Copy text={move.id} keep={0} what="move id" /> },
  ];
  return <Facts items={items.filter((item) => item !== null)} />;
}

function Place({ place, writers }: { place: MovePlace; writers: boolean }) {
  return (
    <>
      {tierNames[place.tier]}: <Link href={`/databases/${place.databaseId}`}>{place.databaseName}</Link>
      <span className="font-mono">.{place.schema}</span> on {place.serverName}
      {writers ? (
        <span className="ml-2 whitespace-nowrap">
          <Status kind="good">writers are here</Status>
        </span>
      ) : null}
    </>
  );
}

function CutOver({ move }: { move: MoveView }) {
  if (move.movedAt !== null && move.state !== "ready") return <When at={move.movedAt} absolute />;
  if (move.cutover === "ready") return "as soon as both places hold the same rows";
  if (move.cutover === "at")
    return (
      <>
        at <When at={move.cutoverAt} absolute />, when it is ready by then
      </>
    );
  return "when somebody asks";
}

function pauseOf({ pauseMs, predictedPauseMs }: MoveView): string {
  const real = pauseMs === null ? null : `writers waited ${duration(pauseMs)}`;
  const predicted = predictedPauseMs === null ? null : `about ${duration(predictedPauseMs)} predicted`;
  return [real, predicted].filter(Boolean).join(", ") || "predicted when it has caught up";
}

function Lag({ move: { lagKeys, lagAt } }: { move: MoveView }) {
  if (lagKeys === null) return "not counted yet";
  return (
    <>
      {counted(lagKeys, "key")} to carry, counted <When at={lagAt} />
    </>
  );
}

function WayBack({ move: { state, completableAt, givenUpAt } }: { move: MoveView }) {
  const now = useNow();
  if (givenUpAt !== null && !state.startsWith("abort")) return "closed: the old place was given up";
  if (state === "completed" || state === "completing") return "closed: the old place is removed";
  if (state === "aborted" || state === "aborting") return "not needed: the tenant stayed";
  if (completableAt === null) return "opens with the cutover";
  const promised = Date.parse(completableAt) > now;
  return (
    <>
      reversible until it is completed, which {promised ? "nobody can before" : "can be done since"}{" "}
      <When at={completableAt} absolute />
    </>
  );
}
