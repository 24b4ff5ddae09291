import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { monthOf } from "./archive/month.ts";
import { type Archived, withArchived } from "./cold/log.ts";
import { coldMoment } from "./cold/record-at.ts";
import { byEntryId, isEntryId } from "./entry-id.ts";
import { type ImageAt, imagesAt, type Moment } from "./record-at-images.ts";
import type { RecordAddress } from "./record-history.ts";
import { readableDatabase } from "./scope.ts";

/** A record at a moment. */
export interface RecordAt extends ImageAt {
  moment: Moment;
}

/**
 * How a record stood at a time, from what the log has before it, or else from what it has after it. Archived months are read where
 * they are named; which others may tell otherwise stands in the answer.
 */
export async function recordAt(
  actor: Actor,
  address: RecordAddress,
  at: string,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<RecordAt> {
  const [image] = await imagesOf(actor, address, [{ at, id: null }], months, signal);
  if (!image) throw noSuchMoment();
  return image;
}

/**
 * Two versions of a record, each as its entry left it, in the order that they came to be. The months of the entries are read also
 * where they are archived.
 */
export async function recordVersions(
  actor: Actor,
  address: RecordAddress,
  entries: readonly [string, string],
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<{ older: RecordAt; newer: RecordAt }> {
  if (!entries.every(isEntryId)) throw noSuchMoment();
  const ids = entries.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const own = ids.map((id) => monthOf(new Date(Number(BigInt(id) >> 20n))));
  const [older, newer] = await imagesOf(actor, address, ids, [...months, ...own], signal);
  if (!older || !newer) throw noSuchMoment();
  return { older, newer };
}

async function imagesOf(
  actor: Actor,
  { database, ...record }: RecordAddress,
  asked: readonly (Moment | string)[],
  months: readonly string[],
  signal: AbortSignal | undefined,
): Promise<RecordAt[]> {
  authorise(actor, "audit.read");
  const { id, left } = await readableDatabase(database);
  const read = async (client: pg.PoolClient | null, archived: Archived) => {
    const images: RecordAt[] = [];
    for (const one of asked) {
      const moment = typeof one === "string" ? await momentOf(client, archived, one) : one;
      const [image] = await imagesAt(client, [record], moment, archived);
      if (image) images.push({ ...image, moment });
    }
    return images;
  };
  const readIn = (archived: Archived) =>
    left ? read(null, archived) : withDatabase(id, (client) => read(client, archived), { signal });
  return withArchived(id, months, readIn, { signal });
}

/** When an entry was made, to the microsecond. */
async function momentOf(client: pg.PoolClient | null, { log }: Archived, id: string): Promise<Moment> {
  const at = (client && (await hotMoment(client, id))) ?? (log && (await coldMoment(log, id)));
  if (!at) throw noSuchMoment();
  return { at, id };
}

async function hotMoment(client: pg.PoolClient, id: string): Promise<string | null> {
  const { rows } = await client.query<{ at: string }>(
    `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
       FROM caretaker.audit_logs WHERE ${byEntryId("$1")}`,
    [id],
  );
  return rows[0]?.at ?? null;
}

function noSuchMoment(): Refusal {
  return new Refusal("not_found", "The audit log has no such version of the record.", {
    fix: "Choose two entries of its history.",
  });
}
