import { asc, desc, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { control } from "../control.ts";
import { databases, managedTables, servers } from "../schema/fleet.ts";
import { type AdoptionStatus, adoptionStatus } from "./status.ts";

export interface ListedFleetDatabase {
  id: string;
  name: string;
  serverId: string;
  serverName: string;
  adoptedAt: string | null;
  addedAt: string;
  confirmedTables: number;
}

/** The databases of the fleet, adopted ones first. From the control database alone, so it answers while others are away. */
export async function listFleet(actor: Actor): Promise<ListedFleetDatabase[]> {
  authorise(actor, "databases.read");
  const tables = sql<number>`(SELECT count(*)::int FROM ${managedTables} WHERE ${managedTables.databaseId} = ${databases.id})`;
  return control()
    .select({
      id: databases.id,
      name: databases.name,
      serverId: servers.id,
      serverName: servers.name,
      adoptedAt: databases.adoptedAt,
      addedAt: databases.addedAt,
      confirmedTables: tables,
    })
    .from(databases)
    .innerJoin(servers, eq(servers.id, databases.serverId))
    .where(isNull(databases.releasedAt))
    .orderBy(desc(sql`${databases.adoptedAt} IS NOT NULL`), asc(databases.name), asc(databases.id));
}

/** The same with what each database says about itself now; one that does not answer is listed all the same. */
export async function listFleetWithStatus(actor: Actor): Promise<(ListedFleetDatabase & { status: AdoptionStatus })[]> {
  const listed = await listFleet(actor);
  return Promise.all(listed.map(async (one) => ({ ...one, status: await adoptionStatus(actor, one.id) })));
}
