import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import type { PrintedRow } from "../../copy/rows.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { signNow } from "./checkpoints.ts";
import { Frontier } from "./frontier.ts";
import { sealableTo, sealHorizon } from "./horizon.ts";
import { beginLog, type SealedLog } from "./log.ts";
import { createdAtOf, idOf, printRows, transactionOf } from "./rows.ts";
import { readEdge, writeTiles } from "./tiles.ts";

/** Entries a transaction of the control database: what a crash makes us hash again. */
const batch = 16_384;

export interface Sealing {
  /** At least so long between two checkpoints. */
  seconds?: number;
  signal?: AbortSignal;
}

/**
 * Appends every committed entry that is not in the tree yet, in the order of transaction and id, and signs the result.
 * Only transactions before the oldest one that still runs are taken: no entry can appear among those any more, so the place where
 * sealing stopped never has to be looked at again, and what turns up before it was not written by the triggers.
 *
 * @throws Refusal `conflict` when another sealer or an erasure came between, or when the database's transactions went back.
 */
export async function sealLog(actor: Actor, databaseId: string, sealing: Sealing = {}): Promise<{ sealed: number }> {
  authorise(actor, "audit.verify");
  const { seconds = 55, signal = new AbortController().signal } = sealing;
  let log = await inControl(actor, (_tx, client) => beginLog(client, databaseId));
  const begun = log.size;
  if (log.stopped) return { sealed: 0 };
  await withDatabase(
    databaseId,
    async (client) => {
      const horizon = await sealHorizon(client);
      const upTo = sealableTo(horizon, log.sealedTo);
      if (upTo === null) {
        await stop(actor, log, horizon.next);
        throw wentBack();
      }
      log = await append(actor, log, client, String(upTo), signal);
    },
    { limits: limits.long },
  );
  await inControl(actor, (_tx, client) => signNow(client, log, seconds));
  return { sealed: log.size - begun };
}

async function append(
  actor: Actor,
  begun: SealedLog,
  client: pg.PoolClient,
  upTo: string,
  signal: AbortSignal,
): Promise<SealedLog> {
  let log = begun;
  const frontier = await inControl(actor, async (_tx, control) => {
    return new Frontier(log.size, await readEdge(control, log.databaseId, log.size));
  });
  let last: PrintedRow | null = null;
  const keep = async (sealedTo: string, unsealedSince: string | null) => {
    log = await keepBatch(actor, log, frontier, last, { sealedTo, unsealedSince });
  };
  await printRows(client, rest(log, upTo), signal, {
    take: (row) => {
      last = row;
      frontier.append(row.bytes, row.from, row.to);
    },
    pause: () => (frontier.size - log.size >= batch ? keep(log.sealedTo, last && createdAtOf(last)) : null),
  });
  await keep(upTo, await oldestFrom(client, upTo));
  return log;
}

/** When the oldest entry was written that is not to be sealed yet: an older transaction still runs, whose entries come before it. */
async function oldestFrom(client: pg.PoolClient, upTo: string): Promise<string | null> {
  const { rows } = await client.query<{ since: string }>(
    "SELECT created_at AS since FROM caretaker.audit_logs WHERE transaction_id >= $1::xid8 ORDER BY transaction_id LIMIT 1",
    [upTo],
  );
  return rows[0]?.since ?? null;
}

/** The index is on the transaction alone, so that the rows of the transaction in which sealing stopped are read again. */
function rest({ lastTransaction, lastId }: SealedLog, upTo: string): string {
  return `caretaker.audit_logs
    WHERE transaction_id >= '${BigInt(lastTransaction)}'::xid8 AND transaction_id < '${BigInt(upTo)}'::xid8
      AND (transaction_id, audit_logs.id) > ('${BigInt(lastTransaction)}'::xid8, ${BigInt(lastId)})
    ORDER BY transaction_id, audit_logs.id`;
}

/** Tiles and place move on together, and only from where this sealer began. */
async function keepBatch(
  actor: Actor,
  log: SealedLog,
  frontier: Frontier,
  last: PrintedRow | null,
  reached: Pick<SealedLog, "sealedTo" | "unsealedSince">,
): Promise<SealedLog> {
  const tiles = frontier.take();
  const place = last ? { lastTransaction: transactionOf(last), lastId: idOf(last) } : {};
  const next = { ...log, size: frontier.size, ...place, ...reached };
  await inControl(actor, async (_tx, client) => {
    const { rowCount } = await client.query(
      `UPDATE sealed_logs SET size = $4, last_transaction = $5, last_id = $6, sealed_to = $7, unsealed_since = $8,
              sealed_at = clock_timestamp()
        WHERE database_id = $1 AND size = $2 AND generation = $3`,
      [
        log.databaseId,
        log.size,
        log.generation,
        next.size,
        next.lastTransaction,
        next.lastId,
        next.sealedTo,
        next.unsealedSince,
      ],
    );
    if (rowCount !== 1) throw cameBetween();
    await writeTiles(client, log.databaseId, tiles);
  });
  return next;
}

async function stop(actor: Actor, log: SealedLog, upTo: bigint): Promise<void> {
  const why = `Its transactions went back from ${log.sealedTo} to ${upTo}: the database was restored from a backup or replaced.`;
  await inControl(actor, (_tx, client) =>
    client.query("UPDATE sealed_logs SET stopped = $2 WHERE database_id = $1", [log.databaseId, why]),
  );
}

function wentBack(): Refusal {
  return new Refusal("conflict", "The database's transactions went back: it was restored from a backup or replaced.", {
    fix: "Verify its log under Audit, Proof; nothing more is sealed until two people let it go on there.",
  });
}

function cameBetween(): Refusal {
  return new Refusal("conflict", "Another sealer or an erasure came between. Nothing was sealed twice.", {
    fix: "Sealing goes on within a minute.",
  });
}
