import { eq } from "drizzle-orm";
import type pg from "pg";
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

/** Takes a database in which nothing of Caretaker stands, or that is gone, out of the fleet again. */
export async function forgetDatabase(actor: Actor, databaseId: string): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (tx, client) => {
    await lockDatabase(tx, databaseId);
    const [row] = await tx.select().from(databases).where(eq(databases.id, databaseId));
    if (!row) throw new Error("The database that was locked is not there.");
    if (row.adoptedAt) {
      throw new Refusal("conflict", `${row.name} is adopted.`, { fix: "Remove the adoption first." });
    }
    await refuseAdopting(client, row);
    await refuseStanding(row);
    await tx.delete(managedTables).where(eq(managedTables.databaseId, databaseId));
    await tx.update(databases).set({ releasedAt: new Date().toISOString() }).where(eq(databases.id, databaseId));
  });
}

type Known = typeof databases.$inferSelect;

async function refuseAdopting(client: pg.ClientBase, { id, name }: Known): Promise<void> {
  const { rowCount } = await client.query(
    "SELECT FROM jobs WHERE kind = 'databases.adopt' AND state IN ('queued', 'running') AND input ->> 'databaseId' = $1",
    [id],
  );
  if (rowCount === 0) return;
  throw new Refusal("conflict", `${name} is being adopted.`, { fix: "Wait for that job, or cancel it first." });
}

/** Triggers that nobody knows of would go on writing a log that nobody reads. */
async function refuseStanding({ serverId, name }: Known): Promise<void> {
  const server = await openServer(serverId);
  try {
    const client = await connectOnce(server, name);
    const asked = client.query<{ stands: boolean }>("SELECT to_regnamespace('caretaker') IS NOT NULL AS stands");
    const { rows } = await asked.finally(() => client.end());
    if (rows[0]?.stands !== true) return;
  } catch (error) {
    const fault = faultOf(error, server, name);
    if (!fault) throw error;
    if (fault.step === "database") return;
    throw new Refusal("unreachable", `Whether something of Caretaker stands in ${name} is not known: ${fault.what}`, {
      fix: fault.fix,
      cause: error,
    });
  }
  throw new Refusal("conflict", `The schema caretaker stands in ${name}, and triggers may.`, {
    fix: "Finish the adoption by its plan, or take out what stands under Removal; then forget the database.",
  });
}
