import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { monthsAway } from "../archive/registry.ts";
import type { EpochInput, EpochPlan } from "./contract.ts";
import { monthsOfId } from "./excused.ts";
import { idsOf } from "./id-bytes.ts";
import { readLog, type SealedLog } from "./log.ts";
import { tileWidth } from "./salts.ts";
import { databaseNamed } from "./standing.ts";

/** How many of the newest entries are looked at for the last one that is sealed. */
const rowsMax = 20_000;

/**
 * Before the last sealed entry that is still there, an entry may be missing too: its transaction had not ended when the backup was
 * made, and those of later ones had. So many entries back, such are counted as lost with those after it.
 */
const windowMax = rowsMax / 2;

interface Place {
  transaction: string;
  id: string;
}

/** Where a log that stopped would go on. */
export interface EpochStart {
  log: SealedLog;
  /** The last sealed entry that is still in the database; null when none is. */
  last: Place | null;
  /** Of the tree: leaves before this one are there, of those from here on `lost` are not. */
  fromLeaf: number;
  lost: number;
  plan: EpochPlan;
}

/** What a new epoch of a log that stopped would begin with, and what it leaves behind. @throws Refusal `conflict` when it has not stopped. */
export async function planEpoch(actor: Actor, input: EpochInput): Promise<EpochPlan> {
  return (await epochStart(actor, input)).plan;
}

export async function epochStart(actor: Actor, { databaseId }: EpochInput): Promise<EpochStart> {
  authorise(actor, "audit.verify");
  const log = await readLog(controlPool(), databaseId);
  if (!log?.stopped) throw notStopped();
  const name = await databaseNamed(databaseId);
  const rows = await newestRows(databaseId);
  const leaves = await leavesAmong(databaseId, rows);
  const last = rows.find(({ id }) => leaves.has(BigInt(id))) ?? null;
  if (!last && rows.length === rowsMax) throw anotherLog(name);
  const lastLeaf = last ? (leaves.get(BigInt(last.id)) ?? -1) : -1;
  const there = new Set(rows.map(({ id }) => BigInt(id)));
  const oldest = rows.reduce((least, { id }) => (BigInt(id) < least ? BigInt(id) : least), BigInt(log.lastId));
  const away = new Set(await monthsAway(databaseId));
  const missing = [...leaves]
    .filter(([id, leaf]) => leaf < lastLeaf && leaf >= lastLeaf - windowMax && id >= oldest && !there.has(id))
    // A month's file was out of the restore's reach.
    .filter(([id]) => !monthsOfId(String(id)).some((month) => away.has(month)))
    .map(([, leaf]) => leaf);
  const fromLeaf = Math.min(lastLeaf + 1, ...missing);
  const lost = log.size - lastLeaf - 1 + missing.length;
  const hash = createHash("sha256")
    .update(JSON.stringify([databaseId, log.size, log.generation, last, fromLeaf, lost]))
    .digest("hex");
  const plan = { databaseId, name, sealed: log.size, lost, lastEntry: last?.id ?? null, why: log.stopped, hash };
  return { log, last, fromLeaf, lost, plan };
}

/** Of the entries whose ids are no later than the latest sealed one's, newest transaction first: those of after the restore are later. */
async function newestRows(databaseId: string): Promise<Place[]> {
  const { rows: bounds } = await controlPool().query<{ latest: string | null }>(
    "SELECT max(id_max)::text AS latest FROM seal_tiles WHERE database_id = $1 AND level = 0",
    [databaseId],
  );
  return withDatabase(
    databaseId,
    async (client) => {
      const { rows } = await client.query<Place>(
        `SELECT transaction_id::text AS transaction, id::text AS id FROM caretaker.audit_logs
          WHERE id <= $1::bigint ORDER BY audit_logs.transaction_id DESC, audit_logs.id DESC LIMIT $2`,
        [bounds[0]?.latest ?? 0, rowsMax],
      );
      return rows;
    },
    { limits: limits.long },
  );
}

/** The leaves, by entry, of every tile that may hold one of these. */
async function leavesAmong(databaseId: string, rows: readonly Place[]): Promise<Map<bigint, number>> {
  const [first, ...others] = rows.map(({ id }) => BigInt(id));
  const leaves = new Map<bigint, number>();
  if (first === undefined) return leaves;
  const [least, greatest] = others.reduce(
    ([low, high], id) => [id < low ? id : low, id > high ? id : high],
    [first, first],
  );
  const { rows: tiles } = await controlPool().query<{ index: number; ids: Buffer }>(
    `SELECT "index", ids FROM seal_tiles WHERE database_id = $1 AND level = 0 AND id_max >= $2 AND id_min <= $3`,
    [databaseId, String(least), String(greatest)],
  );
  for (const { index, ids } of tiles)
    for (const [place, id] of idsOf(ids).entries()) leaves.set(id, index * tileWidth + place);
  return leaves;
}

function notStopped(): Refusal {
  return new Refusal("conflict", "Sealing of this log has not stopped, so that there is nothing to begin anew.", {
    fix: "Look under Audit, Proof how it stands.",
  });
}

function anotherLog(name: string): Refusal {
  return new Refusal(
    "unsupported",
    `None of the newest ${rowsMax} entries of ${name} was ever sealed under this name.`,
    {
      fix: "This is another database: release it under Databases and adopt it anew, as one of its own.",
    },
  );
}
