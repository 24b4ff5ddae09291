import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { control, controlPool } from "../control.ts";
import type { NamedTable } from "../schema/fleet.ts";
import { servers } from "../schema/fleet.ts";
import { readStoredModel } from "./stored-model.ts";

export interface FleetDatabase {
  id: string;
  name: string;
  serverName: string;
  adoptedAt: string | null;
  adoptedBy: string | null;
  tenantsTable: NamedTable | null;
  usersTable: NamedTable | null;
  applicationRole: string | null;
  ownTenantKey: string | null;
  tablesByClass: Record<"tenant" | "child" | "reference" | "ignored", number>;
}

/** One database of the fleet, from the control database alone. @throws Refusal `not_found`. */
export async function readDatabase(actor: Actor, databaseId: string): Promise<FleetDatabase> {
  authorise(actor, "databases.read");
  const { database, model } = await readStoredModel(databaseId);
  const [server] = await control()
    .select({ name: servers.name })
    .from(servers)
    .where(eq(servers.id, database.serverId));
  const tablesByClass = { tenant: 0, child: 0, reference: 0, ignored: 0 };
  for (const table of model.tables) tablesByClass[table.class] += 1;
  const { id, name, adoptedAt, adoptedBy, tenantsTable, usersTable, applicationRole, ownTenantKey } = database;
  return {
    id,
    name,
    serverName: server?.name ?? "",
    adoptedAt,
    adoptedBy,
    tenantsTable,
    usersTable,
    applicationRole,
    ownTenantKey,
    tablesByClass,
  };
}

/** The newest job of these kinds about a database that is open, or ended within the last ten minutes. */
export async function newestJobId(
  actor: Actor,
  databaseId: string,
  kinds: readonly string[] = ["databases.adopt", "databases.remove", "tenants.sync"],
): Promise<string | null> {
  authorise(actor, "jobs.read");
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT id FROM jobs
      WHERE kind = ANY ($2)
        AND input ->> 'databaseId' = $1
        AND (finished_at IS NULL OR finished_at > now() - interval '10 minutes')
      ORDER BY created_at DESC
      LIMIT 1`,
    [databaseId, kinds],
  );
  return rows[0]?.id ?? null;
}
