import { clsx } from "clsx";
import type { ReactNode } from "react";

export type StatusKind = "good" | "warning" | "critical" | "unknown" | "neutral";

const glyphs: Record<StatusKind, string> = { good: "●", warning: "▲", critical: "■", unknown: "◌", neutral: "○" };

const inks: Record<StatusKind, string> = {
  good: "text-good",
  warning: "text-warning",
  critical: "text-critical",
  unknown: "text-faint",
  neutral: "text-muted",
};

/** How something is doing: a glyph, a colour and a word, so that none of them is needed alone. Unknown is never drawn as good. */
export function Status({ kind, children }: { kind: StatusKind; children: ReactNode }) {
  return (
    <span
      className={clsx(
        "inline-flex max-w-full items-baseline gap-1.5",
        inks[kind],
        kind === "unknown" && "rounded-sm border border-edge border-dashed px-1.5",
      )}
    >
      <span aria-hidden="true" className="w-3 shrink-0 text-center text-[0.8em]">
        {glyphs[kind]}
      </span>
      <span className="min-w-0">{children}</span>
    </span>
  );
}
