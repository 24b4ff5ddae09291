import { Refusal } from "#db/errors.ts";

/** An answer, or why the question was too broad to be asked: a screen then offers narrower ones. */
export async function orTooBroad<T>(answer: Promise<T>): Promise<T | Refusal> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.code === "too_broad") return error;
    throw error;
  }
}
