import { desc, isNull } from "drizzle-orm";
import { type Actor, authorise } from "../../../actor.ts";
import { control, controlPool } from "../../../control.ts";
import { checkpointPlaces } from "../../../schema/proof.ts";
import { databaseNames } from "../../scope.ts";
import { type PlaceDelivery, type PlaceView, undeliveredSeconds } from "./contract.ts";
import { noPlace } from "./manage.ts";
import { placeWords } from "./open.ts";

type DeliveryRow = PlaceDelivery & { placeId: string; stale: boolean; late: boolean };

/** Every place that is not removed, newest first, with how far each log's checkpoints have got. */
export async function listPlaces(actor: Actor): Promise<PlaceView[]> {
  authorise(actor, "audit.read");
  const rows = await control()
    .select()
    .from(checkpointPlaces)
    .where(isNull(checkpointPlaces.removedAt))
    .orderBy(desc(checkpointPlaces.createdAt), desc(checkpointPlaces.id));
  const deliveries = rows.length === 0 ? [] : await readDeliveries();
  return rows.map(({ id, name, target, createdBy, createdAt }) => {
    const own = deliveries.filter(({ placeId }) => placeId === id);
    return {
      id,
      name,
      kind: target.kind,
      place: placeWords(target),
      createdBy,
      createdAt: new Date(createdAt).toISOString(),
      standing: standingOf(own),
      deliveries: own,
    };
  });
}

/** @throws Refusal `not_found` */
export async function readPlace(actor: Actor, id: string): Promise<PlaceView> {
  const place = (await listPlaces(actor)).find((one) => one.id === id);
  if (!place) throw noPlace();
  return place;
}

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

async function readDeliveries(): Promise<DeliveryRow[]> {
  const { rows } = await controlPool().query<DeliveryRow>(
    `SELECT place_id AS "placeId", delivery.database_id AS "databaseId", delivered::text AS delivered, size::float8 AS size,
            failures, error, waiting.count::float8 AS waiting, ${iso("waiting.since")} AS "behindSince",
            ${iso("delivered_at")} AS "deliveredAt", ${iso("checked_at")} AS "checkedAt", ${iso("next_try_at")} AS "nextTryAt",
            coalesce(greatest(checked_at, next_try_at) < now() - interval '5 minutes', true) AS stale,
            coalesce(waiting.since < now() - make_interval(secs => $1), false) AS late
       FROM checkpoint_deliveries AS delivery
      CROSS JOIN LATERAL (SELECT count(*) AS count, min(signed_at) AS since FROM seal_checkpoints
                           WHERE database_id = delivery.database_id AND size > delivery.size) AS waiting
      ORDER BY delivery.database_id`,
    [undeliveredSeconds.warning],
  );
  const names = await databaseNames(rows.map(({ databaseId }) => databaseId));
  return rows.map((row) => ({ ...row, databaseName: names.get(row.databaseId) ?? row.databaseId }));
}

function standingOf(deliveries: readonly DeliveryRow[]): PlaceView["standing"] {
  if (deliveries.some(({ failures }) => failures > 0)) return "failing";
  if (deliveries.length === 0 || deliveries.some(({ stale }) => stale)) return "unknown";
  return deliveries.some(({ late }) => late) ? "behind" : "flowing";
}

/** What waits of one log, for whoever has asked already who may: of each place its name, since when, and what is in the way. */
export async function undelivered(
  databaseId: string,
): Promise<{ places: number; waiting: { name: string; seconds: number; error: string | null }[] }> {
  const { rows } = await controlPool().query<{ name: string; seconds: number | null; error: string | null }>(
    `SELECT name, error, extract(epoch FROM now() - waiting.since)::float8 AS seconds
       FROM checkpoint_places AS place
       LEFT JOIN checkpoint_deliveries AS delivery ON place_id = place.id AND database_id = $1
      CROSS JOIN LATERAL (SELECT min(signed_at) AS since FROM seal_checkpoints
                           WHERE database_id = $1 AND size > coalesce(delivery.size, 0)) AS waiting
      WHERE removed_at IS NULL ORDER BY seconds DESC NULLS LAST, name`,
    [databaseId],
  );
  const waiting = rows.flatMap(({ seconds, ...row }) => (seconds === null ? [] : [{ ...row, seconds }]));
  return { places: rows.length, waiting };
}
