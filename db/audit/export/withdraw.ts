import type pg from "pg";
import { objectStore } from "../../objects/configured.ts";

/** Ends the keeping of an export before its time, in the caller's transaction. Its files go with `removeFiles`, or with the next sweep. */
export async function endExport(client: pg.ClientBase, id: string): Promise<void> {
  await client.query("UPDATE audit_exports SET state = 'expired' WHERE id = $1 AND state = 'ready'", [id]);
}

export async function removeFiles(id: string): Promise<void> {
  for (const { key } of await objectStore().list(`exports/${id}/`)) await objectStore().remove(key);
}
