import { clsx } from "clsx";

interface BarProps {
  /** 0 to 1. */
  share: number;
  /** What it measures, in words with its figures: "Connections 12 of 100". */
  label: string;
  kind?: "accent" | "good" | "warning" | "critical";
}

const fills = { accent: "fill-accent", good: "fill-good", warning: "fill-warning", critical: "fill-critical" };

/** A zero-based share. The figure itself stands beside it in words. */
export function Bar({ share, label, kind = "accent" }: BarProps) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      className="meaning h-1.5 w-full min-w-12"
    >
      <rect width="100" height="6" className="fill-line" />
      <rect width={width} height="6" className={clsx(fills[kind])} />
    </svg>
  );
}
