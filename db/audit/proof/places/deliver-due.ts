import { isNull } from "drizzle-orm";
import { control, controlPool } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { JobKind } from "../../../jobs/kind.ts";
import { checkpointPlaces } from "../../../schema/proof.ts";
import { unseal } from "../../../secrets/seal.ts";
import { failureWords } from "../../stream/failure-words.ts";
import { advance, claimDelivery, ensureDeliveries, fail, settle } from "./cursors.ts";
import { deliver, type OpenedTarget } from "./open.ts";

type PlaceRow = typeof checkpointPlaces.$inferSelect;

/** Less than a minute, when the next run begins. */
const runMs = 50_000;

/** Due every minute, apart from the sealer: a place that fails holds up no seal, and no other place. */
export const deliverCheckpoints: JobKind = {
  kind: "audit.checkpoints",
  run: async (job) => ({ delivered: await deliverDue(AbortSignal.any([job.signal, AbortSignal.timeout(runMs)])) }),
};

/** Puts every checkpoint that waits into every place, those of one log in their order. */
export async function deliverDue(signal: AbortSignal): Promise<number> {
  const places = await control().select().from(checkpointPlaces).where(isNull(checkpointPlaces.removedAt));
  const counts = await Promise.all(places.map((place) => deliverPlace(place, signal)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function deliverPlace(place: PlaceRow, signal: AbortSignal): Promise<number> {
  let delivered = 0;
  for (const databaseId of await ensureDeliveries(place.id)) {
    if (signal.aborted) break;
    delivered += await deliverLog(place, databaseId, signal);
  }
  return delivered;
}

async function deliverLog(place: PlaceRow, databaseId: string, signal: AbortSignal): Promise<number> {
  let reached = await claimDelivery(place.id, databaseId);
  if (reached === null) return 0;
  let delivered = 0;
  try {
    const opened = openedTarget(place);
    for (let next = await nextAfter(databaseId, reached); next && !signal.aborted; ) {
      await deliver(opened, { placeId: place.id, databaseId, ...next });
      if (!(await advance(place.id, databaseId, reached, next.size))) return delivered;
      delivered += 1;
      reached = next.size;
      next = await nextAfter(databaseId, reached);
    }
    await settle(place.id, databaseId);
  } catch (error) {
    await fail(place.id, databaseId, failureWords(error));
  }
  return delivered;
}

export function openedTarget({ id, target, secret }: PlaceRow): OpenedTarget {
  return { target, secret: secret === null ? null : unseal(secret, id) };
}

interface Checkpoint {
  size: number;
  note: string;
}

/** @throws Refusal `conflict` when the log is shorter than what was delivered of it. */
async function nextAfter(databaseId: string, reached: number): Promise<Checkpoint | null> {
  const { rows } = await controlPool().query<Checkpoint & { newest: number }>(
    `SELECT next.size::float8 AS size, next.note, newest.size::float8 AS newest
       FROM (SELECT max(size) AS size FROM seal_checkpoints WHERE database_id = $1) AS newest
       LEFT JOIN LATERAL (SELECT size, note FROM seal_checkpoints WHERE database_id = $1 AND size > $2 ORDER BY size LIMIT 1) AS next ON true`,
    [databaseId, reached],
  );
  const [row] = rows;
  if (row && row.newest !== null && row.newest < reached) throw wentBack(row.newest, reached);
  return row && row.size !== null ? { size: row.size, note: row.note } : null;
}

function wentBack(newest: number, reached: number): Refusal {
  return new Refusal(
    "conflict",
    `The newest checkpoint speaks of ${newest} entries, and one of ${reached} was delivered: the log was begun anew.`,
    {
      fix: "Verify the log, also with what is kept at this place. Where that is right, remove the place and add an empty one.",
    },
  );
}
