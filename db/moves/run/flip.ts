import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { placementsChannel } from "../../managed/moving/gate.ts";
import { type Move, readMoveRecord, turnState } from "../move.ts";
import { addressOf, type Place } from "../plan/place.ts";

/** Writes down that the tenant lives at the new place, or again at the old one, with the state in one transaction. */
export async function flip(actor: Actor, move: Move, where: "to" | "from", line: string): Promise<Move> {
  const [opened, closed] =
    where === "to" ? [move.toPlacementId, move.fromPlacementId] : [move.fromPlacementId, move.toPlacementId];
  await inControl(
    actor,
    async (_tx, client) => {
      await client.query("UPDATE placements SET state = $2, closed_at = now() WHERE id = $1", [
        closed,
        where === "to" ? "moved" : "importing",
      ]);
      await client.query("UPDATE placements SET state = 'open', opened_at = now(), closed_at = NULL WHERE id = $1", [
        opened,
      ]);
      if (where === "to") await manage(client, move);
      if (where === "to") await modelPlace(client, move);
      const address = addressOf({ key: move.tenantKey }, where === "to" ? move.to : move.from);
      await client.query("SELECT pg_notify($1, $2)", [placementsChannel, JSON.stringify(address)]);
      await turnState(client, actor, move, where === "to" ? "moved" : "ready", line);
    },
    { tenantId: move.tenantKey },
  );
  return readMoveRecord(move.id);
}

/** A database that was made for the tenant is a managed one when the tenant lives there. */
async function manage(client: pg.PoolClient, { to }: Move): Promise<void> {
  if (to.tier !== "database") return;
  await client.query("UPDATE databases SET adopted_at = coalesce(adopted_at, now()) WHERE id = $1", [to.databaseId]);
}

/** Enters the tables of a tenant's own new place into the model, as its tables in the shared schema are. */
export async function modelPlace(client: pg.PoolClient, move: Move): Promise<void> {
  if (move.to.tier === "shared") return;
  for (const table of move.plan.modelled) {
    const path = table.tenantPath.map((step) => ({ ...step, schema: move.to.schema }));
    await client.query(
      `INSERT INTO managed_tables (database_id, schema, name, class, reason, tenant_column, tenant_path, tenant_constant,
                                   primary_key, audited, masked_columns, ignored_columns, row_security, soft_delete, active_view)
       VALUES ($1, $2, $3, $4, 'It came with its tenant.', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (database_id, schema, name) DO NOTHING`,
      [
        move.to.databaseId,
        move.to.schema,
        table.name,
        table.class,
        table.tenantColumn,
        JSON.stringify(path),
        move.tenantKey,
        move.plan.tables.find(({ name }) => name === table.name)?.keys.map(({ name }) => name) ?? [],
        table.audited,
        table.maskedColumns,
        table.ignoredColumns,
        table.rowSecurity,
        table.softDelete && JSON.stringify(table.softDelete),
        table.activeView,
      ],
    );
  }
}

/** Takes the tables of a tenant's own place out of the model when they are gone. */
export async function forgetPlace(client: pg.PoolClient, place: Place): Promise<void> {
  if (place.tier === "shared") return;
  await client.query(
    "DELETE FROM managed_tables WHERE database_id = $1 AND schema = $2 AND tenant_constant IS NOT NULL",
    [place.databaseId, place.schema],
  );
}
