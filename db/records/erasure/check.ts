import { type Actor, authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import { erasureRow } from "./stored.ts";

/** Searches again for what was erased, by a job: it must find nothing. */
export async function checkErasure(actor: Actor, { id }: { id: string }): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  const { state, subject } = await erasureRow(id);
  if (state !== "done" && state !== "incomplete") {
    throw new Refusal("conflict", "This erasure was not run yet.", { fix: "Look at its plan." });
  }
  const title = `Check of the erasure of ${subject}`;
  return { job: await enqueue(actor, { kind: "records.erasure-check", title, input: { erasure: id } }) };
}
