"use client";
import Link from "next/link";
import { useEffect } from "react";
import { Status } from "#components/feedback/status.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { duration } from "#components/time/duration.ts";
import { When } from "#components/time/when.tsx";
import type { LiveMove } from "#db/moves/contract.ts";
import { moveKind, moveWords } from "../words.ts";
import { sentenceOf, titleOf } from "./headline.ts";
import { MoveFacts } from "./move-facts.tsx";
import { MoveLog } from "./move-log.tsx";
import { MoveProgress } from "./move-progress.tsx";
import { MoveSteps } from "./move-steps.tsx";
import { MoveTables } from "./move-tables.tsx";
import { MoveVerbs } from "./move-verbs.tsx";
import { Trouble } from "./trouble.tsx";
import { JobEars, useMove } from "./use-move.ts";
import { usePace } from "./use-pace.ts";

/** One move while it goes on. Closing the tab changes nothing. */
export function MoveScreen({ first, may }: { first: LiveMove; may: boolean }) {
  const { live, failure, askAgain } = useMove(first);
  const pace = usePace(live);
  const { move, job } = live;
  const words = moveWords(move);
  const title = titleOf(live, words);
  useTitle(title, live.at);
  const left =
    pace && move.estimatedRows > move.rows ? duration(((move.estimatedRows - move.rows) / pace) * 1_000) : null;
  return (
    <Screen
      above={<Link href="/tenants/moves">Moves</Link>}
      title={
        <>
          Move of <Link href={`/tenants/${move.tenantId}`}>{move.tenantName}</Link>
        </>
      }
      answer={
        <>
          <Status kind={moveKind(move)}>{words}</Status>. {sentenceOf(live, left)}
        </>
      }
      actions={may ? <MoveVerbs move={move} /> : null}
    >
      {job ? <JobEars key={job.id} job={job} heard={askAgain} /> : null}
      <span role="status" className="sr-only">
        {words}
      </span>
      {failure === null ? null : (
        <p role="status" className="rounded bg-sunken px-3 py-1.5 text-warning">
          ▲ As of <When at={live.at} absolute />: {failure} It is asked again every few seconds; the move itself goes
          on.
        </p>
      )}
      <Trouble live={live} />
      <MoveProgress live={live} pace={pace} left={left} />
      <div className="grid gap-x-10 gap-y-4 lg:grid-cols-2">
        <div className="grid min-w-0 content-start gap-4">
          <Section title="Steps">
            <MoveSteps move={move} />
          </Section>
          <Section title="Facts">
            <MoveFacts move={move} />
          </Section>
        </div>
        <Section title="Log" aside="newest first">
          <MoveLog events={move.events} />
        </Section>
      </div>
      <Section title="Tables" answer="Parents first. Rows that writes touch meanwhile are read again.">
        <MoveTables move={move} />
      </Section>
    </Screen>
  );
}

/** Written again with every reading: the title that the server sent may arrive after the first. */
function useTitle(title: string, at: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    document.title = title;
  }, [title, at]);
}
