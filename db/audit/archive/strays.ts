import { controlPool } from "../../control.ts";
import { objectStore } from "../../objects/configured.ts";
import { keysOf } from "./registry.ts";
import { prefixOf, putStep } from "./write-month.ts";

/**
 * Removes files of interrupted attempts and of rounds that were replaced. A file that nobody here knows stays: it may be the only
 * copy of what another console archived, or this one before it was restored from an older backup.
 */
export async function removeStrays(databaseId: string, month: string): Promise<void> {
  const { used, ended } = await keysOf(databaseId, month);
  const known = ended.union(await keysPut(databaseId, month));
  for (const { key } of await objectStore().list(prefixOf(databaseId, month))) {
    if (known.has(key) && !used.has(key)) await objectStore().remove(key);
  }
}

/** Keys of which some attempt noted that it would put them. */
async function keysPut(databaseId: string, month: string): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ key: string; manifestKey: string }>(
    `SELECT substr(step, length($1) + 1) AS key, receipt->>'manifestKey' AS "manifestKey"
       FROM job_receipts WHERE starts_with(step, $1 || $2)`,
    [putStep, prefixOf(databaseId, month)],
  );
  return new Set(rows.flatMap(({ key, manifestKey }) => [key, manifestKey]));
}
