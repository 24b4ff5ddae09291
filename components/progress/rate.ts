import { bytes, count } from "#components/numbers/format.ts";
import { duration } from "#components/time/duration.ts";
import type { JobProgressView } from "#db/jobs/contract.ts";

export function amount(value: number, unit: JobProgressView["unit"]): string {
  return unit === "bytes" ? bytes(value) : `${count(Math.round(value))} ${unit}`;
}

/** 0 to 1, or null when the end is not known. */
export function share(progress: JobProgressView | null): number | null {
  if (!progress?.total) return null;
  return Math.min(1, progress.done / progress.total);
}

/** Rate over the whole run and the time left at that rate; nothing in the first second, when both would be guesses. */
export function pace(
  progress: JobProgressView | null,
  elapsedMs: number,
): { rate: string; left: string | null } | null {
  if (!progress || progress.done <= 0 || elapsedMs < 1000) return null;
  const perSecond = progress.done / (elapsedMs / 1000);
  const left = progress.total === null ? null : ((progress.total - progress.done) / perSecond) * 1000;
  return { rate: `${amount(perSecond, progress.unit)}/s`, left: left === null || left < 1000 ? null : duration(left) };
}
