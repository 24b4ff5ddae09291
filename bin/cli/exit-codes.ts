import type { RefusalCode } from "#db/errors.ts";

/** What scripts may rely on; documented in `caretaker help` and docs/command-line.md. */
export const exitCodes = [
  { code: 0, meaning: "done" },
  { code: 1, meaning: "failed for a reason that nobody expected" },
  { code: 2, meaning: "usage: the command or its input is wrong" },
  { code: 3, meaning: "refused: sign-in, capability, password or a second person's approval is missing" },
  { code: 4, meaning: "not found" },
  { code: 5, meaning: "conflict: the world or the plan changed since it was read" },
  { code: 6, meaning: "unreachable, too slow, or too many attempts: trying again later may help" },
  { code: 7, meaning: "unsupported: a version, privilege or tool is missing" },
  { code: 8, meaning: "outcome unknown: look before doing it again" },
  { code: 9, meaning: "checked, and something was found that nobody accepted" },
] as const;

export const somethingFound = 9;

export const exitCodeOf: Record<RefusalCode, number> = {
  unauthenticated: 3,
  forbidden: 3,
  reauthentication: 3,
  approval: 3,
  invalid: 2,
  too_broad: 2,
  not_found: 4,
  conflict: 5,
  stale_plan: 5,
  rate_limited: 6,
  unreachable: 6,
  timeout: 6,
  unsupported: 7,
  unrecorded: 1,
  unknown_outcome: 8,
};
