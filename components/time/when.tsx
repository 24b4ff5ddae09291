"use client";
import { useNow, useZone } from "./clock.tsx";
import { relative } from "./duration.ts";
import { parseMoment, stamp } from "./stamp.ts";

interface WhenProps {
  /** ISO 8601, or the text PostgreSQL prints. */
  at: string | null | undefined;
  /** The full stamp instead of "3 min ago"; with microseconds where they matter. */
  absolute?: boolean;
  precise?: boolean;
  /** What stands where there is no time. */
  none?: string;
  align?: "start" | "end";
  /** Inside a row that itself takes the focus, the stamp shows with the row and is no stop of its own. */
  inRow?: boolean;
}

/** A moment: relative, with the full stamp on hover and focus. */
export function When({ at, absolute, precise, none = "never", align = "start", inRow = false }: WhenProps) {
  const now = useNow();
  const zone = useZone();
  const date = at ? parseMoment(at) : null;
  if (!at || !date) return <span className="text-faint">{at ?? none}</span>;

  const full = stamp(at, zone, precise ? "microseconds" : "seconds");
  if (absolute || precise) {
    return (
      <time dateTime={date.toISOString()} className="whitespace-nowrap">
        {full}
      </time>
    );
  }
  const text = relative(date.getTime(), now);
  const tip = `${full}\n${stamp(at, "UTC", "microseconds")}`;
  const parts = (
    <>
      <time dateTime={date.toISOString()}>{text}</time>
      <span role="tooltip" className="tip" data-align={align}>
        {zone === "UTC" ? stamp(at, "UTC", "microseconds") : tip}
      </span>
    </>
  );
  if (inRow) return <span className="tip-host relative whitespace-nowrap">{parts}</span>;
  return (
    <button type="button" className="tip-host relative min-h-6 cursor-default whitespace-nowrap rounded-sm text-start">
      {parts}
    </button>
  );
}
