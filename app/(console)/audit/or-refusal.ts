import { Refusal, type RefusalCode } from "#db/errors.ts";

/** An answer, or a refusal that the screen can do something with; any other error stays one. */
export async function orRefusal<T>(answer: Promise<T>, ...codes: RefusalCode[]): Promise<T | Refusal> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && codes.includes(error.code)) return error;
    throw error;
  }
}
