import type { MovePace, PaceLimits } from "./contract.ts";

/** A pace and what differs from it, as one says it. */
export function paceText(pace: MovePace, limits: PaceLimits, rowsPerSecond: number | null): string {
  const { slowdown, lagSeconds, walMbPerSecond, waitingSessions } = limits;
  const parts = [
    pace,
    rowsPerSecond === null ? null : `at most ${rowsPerSecond.toLocaleString("en-US")} rows a second`,
    slowdown === undefined ? null : `commits at most ${slowdown} times as slow`,
    lagSeconds === undefined ? null : `replicas at most ${lagSeconds} s behind`,
    walMbPerSecond === undefined ? null : `at most ${walMbPerSecond} MB of log a second`,
    waitingSessions === undefined ? null : `at most ${waitingSessions} sessions waiting for locks`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}
