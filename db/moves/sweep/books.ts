import { controlPool } from "../../control.ts";
import { literal, own } from "../../managed/statement.ts";
import type { Leftover } from "./contract.ts";
import { leftoverOf } from "./leftover.ts";

export interface StalePlace {
  id: string;
  tenantId: string;
  tenantName: string;
  tier: string;
  schema: string;
  state: string;
  databaseId: string;
  databaseName: string;
  serverId: string;
  serverName: string;
  /** Whether the database was entered for this place alone and nobody lives in it. */
  own: boolean;
}

/**
 * Places in the console's own books that a tenant was to have, and that no move has which is not over. (Importing tenants also marks
 * places as left without any move.) `doubt` says what must be
 * looked at before a place is struck out: its books are what tells later whether it was meant to go.
 */
export async function findRecords(doubt: (place: StalePlace) => string | null): Promise<Leftover[]> {
  const { rows } = await controlPool().query<StalePlace>(
    `SELECT p.id, t.id AS "tenantId", t.name AS "tenantName", p.tier, p.schema, p.state, d.id AS "databaseId",
            d.name AS "databaseName", s.id AS "serverId", s.name AS "serverName",
            d.adopted_at IS NULL AND d.released_at IS NULL AND d.own_tenant_key IS NOT NULL
              AND NOT EXISTS (SELECT FROM placements o WHERE o.database_id = d.id AND o.id <> p.id AND o.state <> 'dropped') AS own
       FROM placements p
       JOIN tenants t ON t.id = p.tenant_id
       JOIN databases d ON d.id = p.database_id
       JOIN servers s ON s.id = d.server_id
      WHERE p.state = 'importing'
        AND NOT EXISTS (SELECT FROM moves m WHERE p.id IN (m.from_placement_id, m.to_placement_id)
                                             AND m.state NOT IN ('completed', 'aborted'))
        AND EXISTS (SELECT FROM placements o WHERE o.tenant_id = p.tenant_id AND o.state = 'open')
      ORDER BY p.opened_at, p.id`,
  );
  return rows.map((place) => recordOf(place, doubt(place)));
}

function recordOf(place: StalePlace, doubt: string | null): Leftover {
  const name = `${place.tier} ${place.databaseName}.${place.schema}`;
  const object = `the console's books`;
  const known = { key: "", homeDatabaseId: "", busy: false, places: [] };
  return leftoverOf(place, {
    kind: "record",
    name,
    tenant: { id: place.tenantId, name: place.tenantName, ...known },
    moveId: null,
    parts: [`place ${place.id}, ${place.state}`],
    rows: 0,
    bytes: 0,
    doubts: doubt === null ? [] : [doubt],
    why: `The console's books have ${place.tenantName} at another place, and no move that goes on has this one.`,
    statements: [
      own(
        object,
        "The place is of no move.",
        `UPDATE placements SET state = 'dropped', closed_at = coalesce(closed_at, now()) WHERE id = ${literal(place.id)}`,
      ),
      ...(place.own
        ? [
            own(
              object,
              "Nobody lives in the database.",
              `UPDATE databases SET released_at = now() WHERE id = ${literal(place.databaseId)}`,
            ),
          ]
        : []),
    ],
  });
}
