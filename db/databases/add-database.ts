import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { connectOnce, faultOf } from "../connection.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { openServer } from "../fleet-register.ts";
import { databases, managedTables } from "../schema/fleet.ts";
import { lockDatabase } from "./confirm.ts";
import type { AddDatabase } from "./contract.ts";

/** Takes a database into the fleet. It is not adopted by that: nothing in it changes. Answers its id. */
export async function addDatabase(actor: Actor, { serverId, name }: AddDatabase): Promise<string> {
  authorise(actor, "databases.manage");
  const server = await openServer(serverId);
  try {
    const client = await connectOnce(server, name);
    await client.end();
  } catch (error) {
    const fault = faultOf(error, server, name);
    throw fault ? new Refusal("unreachable", fault.what, { fix: fault.fix, cause: error }) : error;
  }
  return inControl(actor, async (tx) => {
    const [added] = await tx
      .insert(databases)
      .values({ serverId, name })
      .onConflictDoNothing()
      .returning({ id: databases.id });
    if (added) return added.id;
    throw new Refusal("conflict", `${name} is already in the fleet.`, { fix: "Open it from Databases." });
  });
}

/** Takes a database that is not adopted out of the fleet again. */
export async function forgetDatabase(actor: Actor, databaseId: string): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (tx) => {
    await lockDatabase(tx, databaseId);
    const [row] = await tx.select().from(databases).where(eq(databases.id, databaseId));
    if (row?.adoptedAt) {
      throw new Refusal("conflict", `${row.name} is adopted.`, { fix: "Remove the adoption first." });
    }
    await tx.delete(managedTables).where(eq(managedTables.databaseId, databaseId));
    await tx.update(databases).set({ releasedAt: new Date().toISOString() }).where(eq(databases.id, databaseId));
  });
}
