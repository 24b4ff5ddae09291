import { randomUUID } from "node:crypto";
import type { Actor } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { control } from "../control.ts";
import { staffActor } from "../mint.ts";
import { staff } from "../schema/staff.ts";

export interface Person {
  id: string;
  actor: Actor;
}

/** A member of staff that exists in the control database, as an actor who gave the password just now. */
export async function person(role: Role, name: string = role): Promise<Person> {
  const [row] = await control()
    .insert(staff)
    .values({ email: `${randomUUID()}@example.com`, name, role, passwordHash: "none" })
    .returning({ id: staff.id });
  if (!row) throw new Error("No member of staff was made.");
  const actor = staffActor({ staffId: row.id, name, role, reauthenticatedAt: new Date().toISOString() });
  return { id: row.id, actor };
}
