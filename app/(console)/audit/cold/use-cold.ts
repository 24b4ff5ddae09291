"use client";
import { useEffect, useRef, useState } from "react";
import type { Failure } from "#components/ui/action-result.ts";
import type { ColdLine, ColdPage } from "#db/audit/cold/contract.ts";
import type { AuditEntry } from "#db/audit/contract.ts";
import { coldLines } from "./cold-lines.ts";

export interface ColdState {
  searching: boolean;
  searched: boolean;
  progress: { done: number; total: number; month: string } | null;
  rows: AuditEntry[];
  next: string | null;
  reached: string | null;
  silent: ColdPage["silent"];
  failure: Failure | null;
}

const nothing: ColdState = {
  searching: false,
  searched: false,
  progress: null,
  rows: [],
  next: null,
  reached: null,
  silent: [],
  failure: null,
};

/** A search of archived months, page by page. Leaving the screen cancels it. */
export function useCold(endpoint: string) {
  const [state, setState] = useState(nothing);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const change = (part: Partial<ColdState>) => setState((before) => ({ ...before, ...part }));

  function take(line: ColdLine) {
    if (line.kind === "progress") return change({ progress: line });
    if (line.kind === "failed") return change({ failure: { ok: false, ...line, code: "failed" } });
    if (line.kind !== "page") return;
    const { rows, next, reached, silent } = line.page;
    setState((before) => ({ ...before, searched: true, rows: [...before.rows, ...rows], next, reached, silent }));
  }

  async function search() {
    const leaving = new AbortController();
    running.current = leaving;
    change({ searching: true, failure: null, progress: null });
    try {
      const url = new URL(endpoint, window.location.origin);
      if (state.next) url.searchParams.set("cursor", state.next);
      for await (const line of coldLines(url, leaving.signal)) take(line);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!leaving.signal.aborted) change({ failure: { ok: false, code: "failed", message, fix: "Try again." } });
    }
    if (running.current === leaving) change({ searching: false });
  }

  return { state, search, cancel: () => running.current?.abort() };
}
