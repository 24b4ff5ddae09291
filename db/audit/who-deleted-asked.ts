import { type Actor, authorise } from "../actor.ts";
import { recordReading } from "./reading.ts";
import { type WhoDeleted, whoDeleted } from "./who-deleted.ts";
import type { WhoQuestion } from "./who-deleted-question.ts";

/** The question as a person asks it: recorded first where their role's searches are, so that nothing is shown that is not. */
export async function askWhoDeleted(
  actor: Actor,
  question: WhoQuestion,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<WhoDeleted> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_audit", { asked: "who deleted this?", ...question });
  return whoDeleted(actor, question, months, signal);
}
