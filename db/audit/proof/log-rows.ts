import type { RowReader } from "../../copy/rows.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { holdingMonth } from "../archive/alone.ts";
import { monthBounds } from "../archive/month.ts";
import { archiveOf, archivesOf } from "../archive/registry.ts";
import { hotMonths } from "../archive/standing.ts";
import { printArchived } from "./archived-rows.ts";
import type { SealedLog } from "./log.ts";
import { printRows } from "./rows.ts";

/** Archived months whose file is not what was stored, with what is wrong with it. Their rows were not read. */
export type DamagedMonths = Map<string, string>;

/** What became of the months: those that were read from their files, and the damaged ones. */
export interface ReadMonths {
  damaged: DamagedMonths;
  fromFiles: ReadonlySet<string>;
}

/**
 * Hands on every row of a log that was sealed, month by month, so that rows come nearly in the order of the tree and no statement
 * takes longer than a month needs. Months that are not in PostgreSQL are read from their files.
 */
export async function readLogRows(
  log: SealedLog,
  signal: AbortSignal,
  hot: RowReader,
  archived: RowReader,
): Promise<ReadMonths> {
  const { databaseId } = log;
  const damaged: DamagedMonths = new Map();
  const read = new Set<string>();
  const fromFiles = new Set<string>();
  const files = await monthsWithFile(databaseId);
  const kept = await withDatabase(databaseId, hotMonths);
  const months = [...new Set([...files, ...kept.map(({ month }) => month)])].sort();

  const readKept = async (from: string | null, to: string | null) => {
    for (const month of await printStretch(log, from, to, signal, hot)) read.add(month);
  };
  const readFile = async (month: string, held: AbortSignal) => {
    read.add(month);
    fromFiles.add(month);
    const archive = await archiveOf(databaseId, month);
    // A month that was archived before its log was sealed at all is in no tree.
    if (!archive || archive.manifest.seal === null) return;
    const wrong = await printArchived(archive, sealedRows(log), held, archived);
    if (wrong !== null) damaged.set(month, wrong);
  };
  // Held, a month with a file can not move meanwhile, and be read in both places or in neither.
  const hold = (month: string, work: (held: AbortSignal) => Promise<void>) =>
    holdingMonth({ databaseId, month }, { signal, onWait: () => {} }, work);

  for (const [at, month] of months.entries()) {
    const from = at === 0 ? null : monthBounds(month).from;
    const to = at === months.length - 1 ? null : monthBounds(months[at + 1] ?? month).from;
    if (!files.has(month)) await readKept(from, to);
    else
      await hold(month, async (held) => {
        await readKept(from, to);
        if (!read.has(month)) await readFile(month, held);
      });
  }
  if (months.length === 0) await readKept(null, null);
  // Months that were archived before it was their turn.
  for (const month of await monthsWithFile(databaseId))
    if (!read.has(month)) await hold(month, (held) => readFile(month, held));
  return { damaged, fromFiles };
}

async function monthsWithFile(databaseId: string): Promise<Set<string>> {
  return new Set((await archivesOf([databaseId])).map(({ month }) => month));
}

/** Hands on what PostgreSQL has of a stretch of time, in whatever partition. Answers which months of it are in the log. */
function printStretch(
  log: SealedLog,
  from: string | null,
  to: string | null,
  signal: AbortSignal,
  reader: RowReader,
): Promise<string[]> {
  const since = from === null ? "" : `created_at >= '${from}' AND`;
  const until = to === null ? "" : `created_at < '${to}' AND`;
  return withDatabase(
    log.databaseId,
    async (client) => {
      // From here to the end of the transaction no month can leave the log.
      await client.query("LOCK TABLE caretaker.audit_logs IN ACCESS SHARE MODE");
      const months = (await hotMonths(client)).map(({ month }) => month);
      await printRows(client, `caretaker.audit_logs WHERE ${since} ${until} ${sealedRows(log)}`, signal, reader);
      const begin = (month: string) => monthBounds(month).from;
      return months.filter((month) => (from === null || begin(month) >= from) && (to === null || begin(month) < to));
    },
    { limits: limits.long },
  );
}

/** Between two batches the tree has grown past what is sealed as a whole, up to the last entry of its last batch. */
function sealedRows({ sealedTo, lastTransaction, lastId }: SealedLog): string {
  const last = BigInt(lastTransaction);
  const sealed =
    last < BigInt(sealedTo)
      ? `transaction_id < '${BigInt(sealedTo)}'::xid8`
      : `transaction_id <= '${last}'::xid8 AND (transaction_id, audit_logs.id) <= ('${last}'::xid8, ${BigInt(lastId)})`;
  return `${sealed} ORDER BY transaction_id, audit_logs.id`;
}
