import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { objectStore } from "../../objects/configured.ts";
import type { ObjectStore } from "../../objects/store.ts";

const folderOf = (databaseId: string) => `checkpoints/${databaseId}/`;

/** Where a checkpoint lies in whichever store. Sizes with leading zeros, so that they sort. */
export const keyOf = (databaseId: string, size: number) =>
  `${folderOf(databaseId)}${String(size).padStart(15, "0")}.txt`;

/** Puts each new checkpoint into the console's own store, oldest first. A key's content never changes there: a fork shows as a refusal. */
export async function publishCheckpoints(actor: Actor, databaseId: string): Promise<number> {
  const { rows } = await controlPool().query<{ size: number; note: string }>(
    `SELECT size::float8 AS size, note FROM seal_checkpoints
      WHERE database_id = $1 AND published_at IS NULL ORDER BY size LIMIT 100`,
    [databaseId],
  );
  for (const { size, note } of rows) {
    await objectStore().putText(keyOf(databaseId, size), note);
    await inControl(actor, (_tx, client) =>
      client.query(
        "UPDATE seal_checkpoints SET published_at = clock_timestamp() WHERE database_id = $1 AND size = $2",
        [databaseId, size],
      ),
    );
  }
  return rows.length;
}

/** Takes away what a log published that is gone for good: one that begins anew under its name would be refused, and seem a fork. */
export async function forgetPublished(store: ObjectStore, databaseId: string): Promise<void> {
  for (const { key } of await store.list(folderOf(databaseId))) await store.remove(key);
}

/**
 * Published checkpoints, as they lie in a store now, up to so many of each: such as the console does not know any more, the newest,
 * and some of all times with the oldest. A log that was rebuilt soon has newest ones of its own; those before, it can not have.
 */
export async function publishedCheckpoints(
  databaseId: string,
  store: ObjectStore = objectStore(),
  eachMax = 100,
): Promise<string[]> {
  const keys = (await store.list(folderOf(databaseId))).map(({ key }) => key);
  const known = await ownKeys(databaseId);
  const foreign = keys.filter((key) => !known.has(key));
  const asked = new Set([...spread(foreign, eachMax), ...spread(keys, eachMax), ...keys.slice(-eachMax)]);
  const notes: string[] = [];
  for (const some of chunks([...asked], readAtOnce))
    notes.push(...(await Promise.all(some.map((key) => text(Readable.from(store.read(key)))))));
  return notes;
}

const readAtOnce = 50;

async function ownKeys(databaseId: string): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ size: number }>(
    "SELECT size::float8 AS size FROM seal_checkpoints WHERE database_id = $1",
    [databaseId],
  );
  return new Set(rows.map(({ size }) => keyOf(databaseId, size)));
}

/** So many of a list, equally far apart, with the first and the last. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  const step = (list.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => list[Math.round(at * step)]).filter((one) => one !== undefined);
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
