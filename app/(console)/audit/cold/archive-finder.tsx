"use client";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { PartialNote } from "#components/feedback/states.tsx";
import type { Failure } from "#components/ui/action-result.ts";
import { Button } from "#components/ui/button.tsx";
import type { FoundMonths } from "#db/audit/cold/contract.ts";
import { coldLines } from "./cold-lines.ts";
import { ColdProgress } from "./cold-progress.tsx";
import { focusAround } from "./focus-around.ts";

interface ArchiveFinderProps {
  endpoint: string;
  /** What the archive may hold, in one sentence. */
  offer: string;
  /** What it may hold, as it is missed: "no events of this record". */
  nothing: string;
}

interface Finding {
  searching: boolean;
  progress: { done: number; total: number; month: string } | null;
  found: FoundMonths | null;
  failure: Failure | null;
}

const idle: Finding = { searching: false, progress: null, found: null, failure: null };

/**
 * Looks which archived months have a part in what the screen shows, with progress, and then shows the screen together with them: the
 * address names the months, so that it can be sent to somebody. Leaving the screen ends the search.
 */
export function ArchiveFinder({ endpoint, offer, nothing }: ArchiveFinderProps) {
  const [state, setState] = useState(idle);
  const [isReading, read] = useTransition();
  const running = useRef<AbortController | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const [router, pathname, params] = [useRouter(), usePathname(), useSearchParams()];
  useEffect(() => () => running.current?.abort(), []);
  const change = (part: Partial<Finding>) => setState((before) => ({ ...before, ...part }));

  async function search() {
    const leaving = new AbortController();
    running.current = leaving;
    setState({ ...idle, searching: true });
    try {
      for await (const line of coldLines(new URL(endpoint, window.location.origin), leaving.signal)) {
        if (line.kind === "progress") change({ progress: line });
        else if (line.kind === "failed") change({ failure: { ok: false, ...line, code: "failed" } });
        else if (line.kind === "months") take(line.found);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!leaving.signal.aborted) change({ failure: { ok: false, code: "failed", message, fix: "Try again." } });
    }
    change({ searching: false });
  }

  function take(found: FoundMonths) {
    change({ found });
    if (found.months.length === 0) return;
    const next = new URLSearchParams(params);
    next.set("archive", found.months.join());
    read(() => router.replace(`${pathname}?${next}`, { scroll: false }));
  }

  const { searching, progress, found, failure } = state;
  useEffect(() => {
    if (!searching && running.current) focusAround(root.current);
  }, [searching]);
  return (
    <div ref={root} className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[80ch] text-muted">{offer}</p>
        {searching ? (
          <Button onClick={() => running.current?.abort()}>Cancel</Button>
        ) : found === null || found.silent.length > 0 ? (
          <Button onClick={search}>Look in the archive</Button>
        ) : null}
      </div>
      {searching ? <ColdProgress progress={progress} /> : null}
      {failure ? <RefusalNote failure={failure} /> : null}
      {found ? <PartialNote silent={found.silent} /> : null}
      {found === null ? null : (
        <p role="status">
          {found.months.length === 0
            ? `The archive holds ${nothing}.`
            : `Found in ${found.months.join(", ")}.${isReading ? " Reading on." : ""}`}
        </p>
      )}
    </div>
  );
}
