export interface Point {
  x: number;
  y: number;
}

interface Box {
  width: number;
  height: number;
  inset: number;
  zeroBased: boolean;
}

/** Values spread evenly over the box; y grows downwards. A flat series lies in the middle, or at zero. */
export function scale(values: readonly (number | null)[], box: Box): (Point | null)[] {
  const known = values.filter((value) => value !== null);
  const low = box.zeroBased ? Math.min(0, ...known) : Math.min(...known);
  const high = Math.max(...known, box.zeroBased ? 0 : Number.NEGATIVE_INFINITY);
  const span = high - low;
  const inner = { width: box.width - 2 * box.inset, height: box.height - 2 * box.inset };
  return values.map((value, at) => {
    if (value === null) return null;
    const share = span === 0 ? (box.zeroBased ? 0 : 0.5) : (value - low) / span;
    const x = values.length > 1 ? at / (values.length - 1) : 0.5;
    return { x: round(box.inset + x * inner.width), y: round(box.inset + (1 - share) * inner.height) };
  });
}

/** An SVG path that starts anew after every gap. A point alone between two gaps is drawn as a dot. */
export function linePath(points: readonly (Point | null)[]): string {
  return points
    .map((point, at) => {
      if (!point) return "";
      const joined = points[at - 1];
      const alone = !joined && !points[at + 1];
      return `${joined ? "L" : "M"}${point.x} ${point.y}${alone ? "h0" : ""}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
