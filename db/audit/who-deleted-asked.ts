import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { readingRecorded } from "./reading.ts";
import { recordEvent } from "./record-event.ts";
import { type WhoDeleted, type WhoQuestion, whoDeleted } from "./who-deleted.ts";

/** The question as a person asks it: recorded first where their role's searches are, so that nothing is shown that is not. */
export async function askWhoDeleted(actor: Actor, question: WhoQuestion): Promise<WhoDeleted> {
  authorise(actor, "audit.read");
  if (actor.role !== "system" && (await readingRecorded())[actor.role]) {
    await inControl(actor, (_tx, client) =>
      recordEvent(client, {
        action: "search_audit",
        resourceType: "audit_logs",
        resourceId: null,
        metadata: { asked: "who deleted this?", ...question },
      }),
    );
  }
  return whoDeleted(actor, question);
}
