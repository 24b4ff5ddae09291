import type { Actor } from "#db/actor.ts";
import { archiveOf } from "#db/audit/archive/registry.ts";
import { prefixOf } from "#db/audit/archive/write-month.ts";
import { searchCold } from "#db/audit/cold/search.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { Refusal } from "#db/errors.ts";
import { objectStore } from "#db/objects/configured.ts";
import { verifyObject } from "#db/objects/digest.ts";
import type { Subject } from "./adopt.ts";
import type { Found } from "./scenario.ts";
import { patienceMs } from "./watch.ts";

/** The ids of a month's entries in the log. */
export async function hotEntries(app: Subject, month: string): Promise<string[]> {
  const rows = await app.query<{ id: string }>(
    `SELECT id::text FROM caretaker.audit_logs
      WHERE created_at >= $1::date AND created_at < $1::date + interval '1 month'`,
    [`${month}-01`],
  );
  return rows.map(({ id }) => id);
}

export async function isAttached(app: Subject, month: string): Promise<boolean> {
  const rows = await app.query(
    `SELECT FROM pg_inherits
      WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass AND inhrelid = to_regclass('caretaker.audit_logs_' || $1)`,
    [month.replace("-", "_")],
  );
  return rows.length === 1;
}

/** What a reader of the log and of the archive sees, against what there was; once a job is over there is one file and no more. */
export async function look(
  actor: Actor,
  app: Subject,
  month: string,
  expected: ReadonlySet<string>,
  over: boolean,
): Promise<Found> {
  const options = {
    cursor: null,
    limit: expected.size + 10,
    signal: AbortSignal.timeout(patienceMs),
    onProgress: () => {},
  };
  const cold = await searchCold(actor, { database: app.id, q: `at:${month}` }, options);
  const seen = [...cold.rows.map(({ id }) => id), ...(await hotEntries(app, month))];
  const distinct = new Set(seen);
  const files = (await objectStore().list(prefixOf(app.id, month))).filter(({ key }) => key.endsWith(".parquet"));
  return {
    lost: [...expected].filter((id) => !distinct.has(id)).length,
    duplicate: seen.length - distinct.size + (over ? Math.max(0, files.length - 1) : 0),
    falseWhole: cold.silent.length + (await isDamaged(app, month)) + (await isAlarmed(actor, app)),
  };
}

/** 1 when the proof takes what is on its way for tampering. */
async function isAlarmed(actor: Actor, app: Subject): Promise<number> {
  const { verdict, size, findings } = await verifyLog(actor, app.id);
  if (verdict === "good" && size > 0) return 0;
  console.error("The log and its tree disagree:", JSON.stringify(findings.slice(0, 3)));
  return 1;
}

/** 1 when a file that is registered as verified is not what it says. */
async function isDamaged(app: Subject, month: string): Promise<number> {
  const archive = await archiveOf(app.id, month);
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
