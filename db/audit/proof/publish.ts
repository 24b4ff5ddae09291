import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { objectStore } from "../../objects/configured.ts";
import type { ObjectStore } from "../../objects/store.ts";

const folderOf = (databaseId: string) => `checkpoints/${databaseId}/`;

/** Sizes with leading zeros, so that they sort. */
const keyOf = (databaseId: string, size: number) => `${folderOf(databaseId)}${String(size).padStart(15, "0")}.txt`;

/** Puts each new checkpoint into the second place, oldest first. A key's content never changes there: a fork shows as a refusal. */
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

/** The newest published checkpoints, as they lie in the second place now. */
export async function publishedCheckpoints(databaseId: string, newest = 100): Promise<string[]> {
  const found = await objectStore().list(folderOf(databaseId));
  return Promise.all(found.slice(-newest).map(({ key }) => text(Readable.from(objectStore().read(key)))));
}
