import { eq } from "drizzle-orm";
import type { Actor } from "../actor.ts";
import { type Capability, capabilities } from "../capabilities.ts";
import { control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { staffActor, systemActor } from "../mint.ts";
import { staff } from "../schema/staff.ts";
import type { Leased } from "./lease.ts";

/**
 * Whoever enqueued the job, as they stand now: the role is read again, and an API token's narrower scope is kept.
 *
 * @throws Refusal `forbidden` when the person was disabled since.
 */
export async function actorOf(job: Leased): Promise<Actor> {
  if (job.staffId === null) return systemActor(job.actorName);
  const [person] = await control().select().from(staff).where(eq(staff.id, job.staffId));
  if (!person || person.disabledAt !== null) {
    throw new Refusal("forbidden", `${job.actorName} asked for this and has been disabled since.`, {
      fix: "Start it again yourself if it is still wanted.",
    });
  }
  return staffActor({
    staffId: person.id,
    name: person.name,
    role: person.role,
    only: capabilities.filter((capability: Capability) => job.capabilities.includes(capability)),
    requestId: job.requestId,
  });
}
