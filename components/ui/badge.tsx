import { clsx } from "clsx";
import type { ReactNode } from "react";

type Tone = "neutral" | "accent" | "good" | "warning" | "critical" | "change";

const tones: Record<Tone, string> = {
  neutral: "border-line bg-sunken text-muted",
  accent: "border-transparent bg-accent-soft text-accent-strong",
  good: "border-transparent bg-good-soft text-good",
  warning: "border-transparent bg-warning-soft text-warning",
  critical: "border-transparent bg-critical-soft text-critical",
  change: "border-transparent bg-change-soft text-change",
};

/** A kind or a class, in one word. For how something is doing, use Status: it adds the glyph. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 text-xs leading-[18px]",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}
