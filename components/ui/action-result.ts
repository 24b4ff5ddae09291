import type { Result } from "#db/errors.ts";

/** What every server action of the console looks like from a form. */
export type FormAction<T = unknown> = (input: FormData) => Promise<Result<T>>;

export type Failure = Extract<Result<unknown>, { ok: false }>;

/** The answer when the request itself did not arrive: nothing is known about what happened on the server. */
export const notAnswered: Failure = {
  ok: false,
  code: "unreachable",
  message: "The console did not answer.",
  fix: "Look at whether the change was made before you try again.",
};

/** Calls an action; a lost connection becomes a failure like any other. Next's own redirects pass through. */
export async function callAction<T>(action: FormAction<T>, input: FormData): Promise<Result<T>> {
  try {
    return await action(input);
  } catch (error) {
    if (error instanceof Error && "digest" in error) throw error;
    return notAnswered;
  }
}
