import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { servers } from "../schema/fleet.ts";
import type { SetCapacity, SetPolicy } from "./inputs.ts";

/** What a server can bear, and where it stands: what placing and rebalancing reckon with. */
export async function setCapacity(
  actor: Actor,
  { serverId, region, diskGb, cores, movesAtOnce }: SetCapacity,
): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (tx) => {
    const changed = await tx
      .update(servers)
      .set({ region, diskBytes: diskGb, cores, movesAtOnce })
      .where(eq(servers.id, serverId))
      .returning({ id: servers.id });
    if (changed.length === 0)
      throw new Refusal("not_found", "There is no such server.", { fix: "Choose one from Databases." });
  });
}

/** Where an application's tenants go; until it is said, to the least loaded server. */
export async function setPolicy(actor: Actor, { homeDatabaseId, kind, region, serverId }: SetPolicy): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (_tx, client) => {
    const { rowCount } = await client.query(
      `INSERT INTO placement_policies (home_database_id, kind, region, server_id, set_by)
       SELECT id, $2::text, CASE WHEN $2::text = 'region' THEN $3::text END, CASE WHEN $2::text = 'pinned' THEN $4::uuid END, $5
         FROM databases WHERE id = $1 AND adopted_at IS NOT NULL AND released_at IS NULL
       ON CONFLICT (home_database_id) DO UPDATE
          SET kind = excluded.kind, region = excluded.region, server_id = excluded.server_id, set_by = excluded.set_by, set_at = now()`,
      [homeDatabaseId, kind, region, serverId, actor.name],
    );
    if (rowCount === 0) throw new Refusal("not_found", "No adopted database has this id.", { fix: "Reload the list." });
  });
}
