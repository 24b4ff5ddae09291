import { setTimeout as pause } from "node:timers/promises";
import type { Actor } from "#db/actor.ts";
import { archiveOf } from "#db/audit/archive/registry.ts";
import { standingOf } from "#db/audit/archive/standing.ts";
import { prefixOf } from "#db/audit/archive/write-month.ts";
import { searchCold } from "#db/audit/cold/search.ts";
import { Refusal } from "#db/errors.ts";
import { withDatabase } from "#db/fleet.ts";
import { isInterruption } from "#db/jobs/finish.ts";
import { objectStore } from "#db/objects/configured.ts";
import { verifyObject } from "#db/objects/digest.ts";
import type { Tally } from "../audit/scenario.ts";

/** The ids of a month's entries in the log. */
export async function entriesBefore(databaseId: string, month: string): Promise<Set<string>> {
  return new Set(await hotEntries(databaseId, month));
}

export function isAttached(databaseId: string, month: string): Promise<boolean> {
  return patiently(() => withDatabase(databaseId, async (client) => (await standingOf(client, month)) === "attached"));
}

/** What a reader of the log and of the archive sees, against what there was; once a job is over there is one file and no more. */
export async function look(
  actor: Actor,
  databaseId: string,
  month: string,
  expected: ReadonlySet<string>,
  over: boolean,
): Promise<Omit<Tally, "points">> {
  const options = {
    cursor: null,
    limit: expected.size + 10,
    signal: AbortSignal.timeout(30_000),
    onProgress: () => {},
  };
  const filter = { database: databaseId, q: `at:${month}` };
  const cold = await searchCold(actor, filter, options);
  const hot = await hotEntries(databaseId, month);
  const seen = [...cold.rows.map(({ id }) => id), ...hot];
  const distinct = new Set(seen);
  const lost = [...expected].filter((id) => !distinct.has(id)).length;
  const files = (await objectStore().list(prefixOf(databaseId, month))).filter(({ key }) => key.endsWith(".parquet"));
  const spare = over ? Math.max(0, files.length - 1) : 0;
  const falseWhole = cold.silent.length + (await isDamaged(databaseId, month));
  return { lost, duplicate: seen.length - distinct.size + spare, falseWhole };
}

async function hotEntries(databaseId: string, month: string): Promise<string[]> {
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id::text FROM caretaker.audit_logs
        WHERE created_at >= $1::date AND created_at < $1::date + interval '1 month'`,
      [`${month}-01`],
    );
    return rows.map(({ id }) => id);
  });
}

/** 1 when a file that is registered as verified is not what it says. */
async function isDamaged(databaseId: string, month: string): Promise<number> {
  const archive = await archiveOf(databaseId, month);
  if (!archive) return 0;
  const { key, sha256, bytes } = archive;
  try {
    await verifyObject(objectStore(), key, { sha256, bytes: Number(bytes) });
    return 0;
  } catch (error) {
    if (error instanceof Refusal) return 1;
    throw error;
  }
}

/** Repeats a question while the database recovers from its crash. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + 60_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      const away = isInterruption(error) || (error instanceof Refusal && error.code === "unreachable");
      if (!away || performance.now() > deadline) throw error;
    }
    await pause(200);
  }
}
