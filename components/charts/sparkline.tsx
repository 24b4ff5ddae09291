import { linePath, type Point, scale } from "./line.ts";

interface SparklineProps {
  /** In order of time; null where nothing was measured. */
  values: readonly (number | null)[];
  /** What it shows and between which figures: "Commits a second over the last hour, 12 to 340". */
  label: string;
  zeroBased?: boolean;
}

const width = 96;
const height = 20;

/** A small line without axes. Missing data is a gap, never a line across it; the last value has a point. */
export function Sparkline({ values, label, zeroBased = true }: SparklineProps) {
  const points = scale(values, { width, height, inset: 2, zeroBased });
  const last = points.findLast((point): point is Point => point !== null);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} className="meaning h-5 w-24 shrink-0">
      <path
        d={linePath(points)}
        className="fill-none stroke-accent"
        strokeWidth="1.25"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      {last ? <circle cx={last.x} cy={last.y} r="1.75" className="fill-accent" /> : null}
    </svg>
  );
}
