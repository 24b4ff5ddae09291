export const movePaces = ["gentle", "normal", "fast"] as const;
export type MovePace = (typeof movePaces)[number];

/** What of a pace's limits was set to something else for one move. Absent: as the pace has it. */
export interface PaceLimits {
  /** How many times as long as before the copy a commit may take. */
  slowdown?: number | undefined;
  /** How far a replica may be behind. */
  lagSeconds?: number | undefined;
  /** What a server may write to its log in all. */
  walMbPerSecond?: number | undefined;
  /** How many sessions of others may wait for locks. */
  waitingSessions?: number | undefined;
}

/** What holds a move back where others work on its servers. Null: nothing of this kind does. */
export interface Pacing {
  /** The share of the time in which it works at most, and at least, so that it comes to an end. */
  shareMax: number;
  shareMin: number;
  /** About how long it works at once. */
  burstMs: number;
  slowdown: number | null;
  lagSeconds: number | null;
  walMbPerSecond: number | null;
  waitingSessions: number | null;
}

export const pacings: Record<MovePace, Pacing> = {
  gentle: {
    shareMax: 0.2,
    shareMin: 0.05,
    burstMs: 15,
    slowdown: 1.5,
    lagSeconds: 2,
    walMbPerSecond: 16,
    waitingSessions: 1,
  },
  normal: {
    shareMax: 0.5,
    shareMin: 0.15,
    burstMs: 30,
    slowdown: 2,
    lagSeconds: 10,
    walMbPerSecond: 64,
    waitingSessions: 4,
  },
  fast: {
    shareMax: 1,
    shareMin: 0.3,
    burstMs: 1_000,
    slowdown: null,
    lagSeconds: 60,
    walMbPerSecond: null,
    waitingSessions: null,
  },
};
