import { setTimeout as wait } from "node:timers/promises";
import { Refusal } from "../errors.ts";

// A lock request that waits makes everybody behind it wait too, so each attempt gives up soon, and longer ones come later.
const lockTimeoutsMs = [50, 50, 100, 100, 200, 200, 400, 400, 800, 800, 1_600, 2_000, 2_000, 2_000];
const busy = new Set(["55P03", "40P01"]); // lock_not_available, deadlock_detected

/** Attempts what takes locks on the application's tables, again and again while somebody else holds them. */
export async function patiently<T>(
  what: string,
  attempt: (lockTimeoutMs: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (const lockTimeoutMs of lockTimeoutsMs) {
    signal?.throwIfAborted();
    try {
      return await attempt(lockTimeoutMs);
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    await wait(lockTimeoutMs + Math.random() * 200, undefined, { signal });
  }
  throw new Refusal("timeout", `Something holds a lock that ${what} needs, and did not let go.`, {
    fix: "Look for long transactions under Performance, then continue: what is done stays done.",
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && busy.has(error.code);
}
