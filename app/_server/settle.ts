import { unstable_rethrow } from "next/navigation";
import type { Result } from "#db/errors.ts";
import { failureOf } from "./answer.ts";

/** For a part of a screen that may fail on its own: its value, or what to tell people; what nobody expected is logged. */
export async function settle<T>(read: Promise<T>, where: string): Promise<Result<T>> {
  try {
    return { ok: true, data: await read };
  } catch (error) {
    unstable_rethrow(error);
    return failureOf(error, where);
  }
}
