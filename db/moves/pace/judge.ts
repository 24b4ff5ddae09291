import { type MovePace, type PaceLimits, type Pacing, pacings } from "./contract.ts";
import type { Behind } from "./replicas.ts";

/** What one of a move's servers shows of itself, and of what others feel there. */
export interface Seen {
  server: string;
  /** Whether sessions other than the console's did anything within the last second. */
  othersWork: boolean;
  /** How long a commit takes, and took before the move began to copy. */
  commitMs: number;
  calmCommitMs: number;
  /** Null where there is no replica, or none can be seen. */
  behind: Behind | null;
  walMbPerSecond: number;
  /** Others that wait for a lock for a while already. */
  waitingSessions: number;
}

/** What follows: work without rests, at most the pace's share, a smaller share, or, where it writes rows, not at all for now. */
export interface Judgement {
  way: "free" | "share" | "less" | "stop";
  why: string | null;
}

/** Below this a commit is quick, whatever it took before. */
const quickCommitMs = 3;
/** Fewer would cost more in statements around them than they spare. */
const rowsMin = 500;

export function pacingOf(pace: MovePace, limits: PaceLimits): Pacing {
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...pacings[pace], ...Object.fromEntries(set) };
}

/** The first thing that a server shows which asks for more than the pace does, the gravest first. */
export function judge(pacing: Pacing, servers: readonly Seen[]): Judgement {
  const judgements = [lags, waits, slows, floods, works].map((ask) => ask(pacing, servers));
  return judgements.find((one) => one !== null) ?? { way: "free", why: null };
}

/** The share of the time to work in from now on: halved while something is too much, and a little more each time that nothing is. */
export function nextShare(share: number, { way }: Judgement, { shareMax, shareMin }: Pacing): number {
  if (way === "free") return 1;
  if (way === "share") return share > shareMax ? shareMax : Math.min(shareMax, share + 0.02);
  return Math.max(shareMin, Math.min(share, shareMax) / 2);
}

/** How long to rest after so much work. */
export function restMs(workedMs: number, share: number): number {
  return share >= 1 ? 0 : Math.min(10_000, (workedMs * (1 - share)) / share);
}

/** How many rows to take at once, so that a burst of work stays as short as the pace has it. */
export function rowsAtOnce(rowsPerMs: number, pacing: Pacing, most: number): number {
  return Math.round(Math.min(most, Math.max(rowsMin, rowsPerMs * pacing.burstMs)));
}

function lags({ lagSeconds: limit }: Pacing, servers: readonly Seen[]): Judgement | null {
  for (const { server, behind } of servers) {
    if (limit === null || behind === null || behind.seconds <= limit) continue;
    const why = `The replica ${behind.replica} of ${server} is ${seconds(behind.seconds)} behind, more than ${seconds(limit)}.`;
    return { way: "stop", why };
  }
  return null;
}

function waits({ waitingSessions: limit }: Pacing, servers: readonly Seen[]): Judgement | null {
  const one = servers.find(({ waitingSessions }) => limit !== null && waitingSessions > limit);
  if (!one) return null;
  return { way: "less", why: `${one.waitingSessions} sessions wait for locks on ${one.server}, more than ${limit}.` };
}

function slows({ slowdown }: Pacing, servers: readonly Seen[]): Judgement | null {
  const one = servers.find(
    ({ othersWork, commitMs, calmCommitMs }) =>
      slowdown !== null && othersWork && commitMs > Math.max(quickCommitMs, calmCommitMs * slowdown),
  );
  if (!one) return null;
  return {
    way: "less",
    why: `A commit on ${one.server} takes ${one.commitMs.toFixed(1)} ms, and took ${one.calmCommitMs.toFixed(1)} ms before.`,
  };
}

function floods({ walMbPerSecond: limit }: Pacing, servers: readonly Seen[]): Judgement | null {
  const one = servers.find(({ walMbPerSecond }) => limit !== null && walMbPerSecond > limit);
  if (!one) return null;
  return {
    way: "less",
    why: `${one.server} writes ${Math.round(one.walMbPerSecond)} MB a second to its log, more than ${limit}.`,
  };
}

function works({ shareMax }: Pacing, servers: readonly Seen[]): Judgement | null {
  const one = servers.find(({ othersWork }) => othersWork && shareMax < 1);
  return one ? { way: "share", why: `Others work on ${one.server}.` } : null;
}

function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}
