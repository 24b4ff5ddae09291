import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { byEntryId, isEntryId } from "./entry-id.ts";
import { type ImageAt, imagesAt, type Moment } from "./record-at-images.ts";
import type { RecordAddress } from "./record-history.ts";
import { auditedDatabase } from "./scope.ts";

/** A record at a moment. */
export interface RecordAt extends ImageAt {
  moment: Moment;
}

/** How a record stood at a time, from what the log has before it, or else from what it has after it. */
export async function recordAt(actor: Actor, address: RecordAddress, at: string): Promise<RecordAt> {
  const [image] = await imagesOf(actor, address, async () => [{ at, id: null }]);
  if (!image) throw noSuchMoment();
  return image;
}

/** Two versions of a record, each as its entry left it, in the order that they came to be. */
export async function recordVersions(
  actor: Actor,
  address: RecordAddress,
  entries: readonly [string, string],
): Promise<{ older: RecordAt; newer: RecordAt }> {
  const sorted = entries.toSorted((a, b) => (isEntryId(a) && isEntryId(b) && BigInt(a) > BigInt(b) ? 1 : -1));
  const [older, newer] = await imagesOf(actor, address, (client) => momentsOf(client, sorted));
  if (!older || !newer) throw noSuchMoment();
  return { older, newer };
}

async function imagesOf(
  actor: Actor,
  { database, ...record }: RecordAddress,
  moments: (client: pg.PoolClient) => Promise<Moment[]>,
): Promise<RecordAt[]> {
  authorise(actor, "audit.read");
  const { id } = await auditedDatabase(database);
  return withDatabase(id, async (client) => {
    const images: RecordAt[] = [];
    for (const moment of await moments(client)) {
      const [image] = await imagesAt(client, [record], moment);
      if (image) images.push({ ...image, moment });
    }
    return images;
  });
}

/** When entries were made, to the microsecond. */
async function momentsOf(client: pg.PoolClient, ids: readonly string[]): Promise<Moment[]> {
  const moments: Moment[] = [];
  for (const id of ids) {
    if (!isEntryId(id)) throw noSuchMoment();
    const { rows } = await client.query<{ at: string }>(
      `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
         FROM caretaker.audit_logs WHERE ${byEntryId("$1")}`,
      [id],
    );
    const [row] = rows;
    if (!row) throw noSuchMoment();
    moments.push({ at: row.at, id });
  }
  return moments;
}

function noSuchMoment(): Refusal {
  return new Refusal("not_found", "The audit log has no such version of the record.", {
    fix: "Choose two entries of its history.",
  });
}
