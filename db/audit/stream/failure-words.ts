import { Refusal } from "../../errors.ts";
import { plainMessage } from "../../log.ts";

/** What stands beside a delivery that failed: what happened, and what to do. */
export function failureWords(error: unknown): string {
  if (error instanceof Refusal && error.fix) return `${error.message} ${error.fix}`;
  return plainMessage(error);
}
