"use client";
import { useEffect, useState } from "react";
import type { LiveMove } from "#db/moves/contract.ts";

interface Sample {
  atMs: number;
  rows: number;
}

const windowMs = 20_000;

/** Rows a second over the last moments, so that a throttle or a pause shows at once; null until two moments are known. */
export function usePace({ move, at }: LiveMove): number | null {
  const [samples, setSamples] = useState<Sample[]>([]);
  const { rows, state } = move;
  useEffect(() => {
    const atMs = Date.parse(at);
    setSamples((known) =>
      state === "copying"
        ? [...known.filter((one) => atMs - one.atMs < windowMs && one.rows <= rows), { atMs, rows }]
        : [],
    );
  }, [at, rows, state]);
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.atMs - first.atMs < 1_000) return null;
  return ((last.rows - first.rows) / (last.atMs - first.atMs)) * 1_000;
}
