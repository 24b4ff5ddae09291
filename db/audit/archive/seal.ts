import type pg from "pg";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { lastCheckpoint } from "../proof/checkpoints.ts";
import { sealableTo, sealHorizon } from "../proof/horizon.ts";
import { readLog } from "../proof/log.ts";
import type { Manifest } from "./manifest.ts";

/**
 * The newest signed checkpoint, which covers every entry of the month; null where the log is not sealed at all. An entry that
 * was archived before it was sealed would never be, so that such a month has to wait.
 */
export async function sealOf(
  client: pg.ClientBase,
  databaseId: string,
  month: string,
  relation: string,
): Promise<Manifest["seal"]> {
  const log = await readLog(controlPool(), databaseId);
  if (!log) return null;
  // Where transactions went back, an entry's transaction does not tell any more whether it is sealed.
  if (log.stopped || sealableTo(await sealHorizon(client), log.sealedTo) === null) throw stopped(month, log.stopped);
  const { rowCount } = await client.query(`SELECT FROM ${relation} WHERE transaction_id >= $1::xid8 LIMIT 1`, [
    log.sealedTo,
  ]);
  const checkpoint = await lastCheckpoint(controlPool(), databaseId);
  if (rowCount === 0 && checkpoint) {
    return { origin: log.origin, size: checkpoint.size, note: checkpoint.note, signedAt: checkpoint.signedAt };
  }
  throw new Refusal("conflict", `Not every entry of ${month} is sealed yet, so the month stays where it is.`, {
    fix: "Look under Audit, Proof why sealing is behind, then start again.",
  });
}

function stopped(month: string, why: string | null): Refusal {
  const because = why ?? "The database's transactions went back.";
  return new Refusal("conflict", `Sealing has stopped, so that ${month} stays where it is. ${because}`, {
    fix: "Look under Audit, Proof.",
  });
}
