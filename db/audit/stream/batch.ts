import type pg from "pg";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { matchingSql } from "../export/fix-set.ts";
import type { Asked } from "../query/asked.ts";
import type { StreamFormat } from "./contract.ts";
import { streamLine } from "./line.ts";
import { after, type Place } from "./place.ts";

export interface BatchEntry {
  transactionId: string;
  id: string;
  at: string;
  action: string;
  line: string;
}

type FittingEntry = BatchEntry & { more: boolean };

export interface Batch {
  entries: BatchEntry[];
  /** Where the next batch begins once this one is delivered. */
  next: Place;
  /** When the oldest entry behind this batch was written; null when there is none. */
  behindSince: string | null;
}

const batchMax = 500;

/** What a batch's lines may take together: more than one entry is only in it where they take no more. */
const batchBytesMax = 4 * 2 ** 20;

/** How many entries one batch looks at, so that a filter which few match gets on as well, however long the log is. */
const lookedAtMax = 10_000;

/**
 * The next entries after a place. Only transactions before the oldest one that runs are read (pg_snapshot_xmin, of this database
 * alone): all of them are over, so that nothing can commit any more where the cursor has passed.
 */
export function readBatch(database: Asked, format: StreamFormat, place: Place): Promise<Batch> {
  const read = async (client: pg.PoolClient): Promise<Batch> => {
    const over = await horizon(client, database.name, place);
    const from = [place.transactionId, place.entryId];
    const settled = await endOfLook(client, `${after} AND ${upTo}`, [...from, over, "0"]);
    const end = settled?.place ?? { transactionId: over, entryId: "0" };
    const where = (await matchingSql(client, database)).map((condition) => ` AND ${condition}`).join("");
    const { rows: entries } = await client.query<FittingEntry>(
      fitting(looked(`${after} AND ${upTo}`), where, streamLine(format, "$5::text", "$6::text")),
      [...from, end.transactionId, end.entryId, database.id, database.name],
    );
    const last = entries.at(-1);
    const isCut = entries.length === batchMax || entries.some(({ more }) => more);
    const next = last && isCut ? { transactionId: last.transactionId, entryId: last.id } : end;
    return { entries, next, behindSince: await oldest(client, next, where) };
  };
  return withDatabase(database.id, read, { limits: limits.long, timeoutMs: 30_000 });
}

const at = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * What fits into one batch. Entries are counted first as they are stored, compressed, so that no line is printed in vain of those
 * that cannot fit; then as printed. `more` says that others were left for the next batch.
 */
function fitting(entries: string, where: string, line: string): string {
  const stored = ["old_values", "new_values", "changes", "metadata"].map(
    (one) => `coalesce(pg_column_size(${one}), 0)`,
  );
  return `
WITH matching AS (
  SELECT *, sum(${stored.join(" + ")}) OVER in_order AS stored, row_number() OVER in_order AS place, count(*) OVER () AS found
    FROM (SELECT * FROM ${entries} WHERE true${where} ORDER BY transaction_id, audit_logs.id LIMIT ${batchMax}) AS audit_logs
  WINDOW in_order AS (ORDER BY transaction_id, id ROWS UNBOUNDED PRECEDING)
), printed AS MATERIALIZED (
  SELECT transaction_id, id, action, created_at, place, found, ${line} AS line FROM matching AS audit_logs
   WHERE stored <= ${batchBytesMax} OR place = 1
), measured AS (
  SELECT *, sum(octet_length(line)) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS bytes FROM printed
), fitting AS (
  SELECT *, count(*) OVER () AS kept FROM measured WHERE bytes <= ${batchBytesMax} OR place = 1
)
SELECT transaction_id::text AS "transactionId", fitting.id::text AS id, action, ${at} AS at, line, kept < found AS more
  FROM fitting ORDER BY place`;
}

const upTo = "transaction_id <= $3::xid8 AND (transaction_id < $3::xid8 OR audit_logs.id <= $4::bigint)";

/** The entries in question, cut off before any filter, under the name of the log. */
function looked(range: string): string {
  return `(SELECT * FROM caretaker.audit_logs WHERE ${range}
            ORDER BY transaction_id, audit_logs.id LIMIT ${lookedAtMax}) AS audit_logs`;
}

/** The last entry that is looked at in one go; null when there are not so many. */
async function endOfLook(
  client: pg.PoolClient,
  range: string,
  values: readonly string[],
): Promise<{ place: Place; at: string } | null> {
  const { rows } = await client.query<Place & { at: string }>(
    `SELECT transaction_id::text AS "transactionId", audit_logs.id::text AS "entryId", ${at} AS at
       FROM caretaker.audit_logs WHERE ${range}
      ORDER BY transaction_id, audit_logs.id OFFSET ${lookedAtMax - 1} LIMIT 1`,
    [...values],
  );
  const [row] = rows;
  return row ? { place: { transactionId: row.transactionId, entryId: row.entryId }, at: row.at } : null;
}

/** @throws Refusal `conflict` when the server counts from anew. */
async function horizon(client: pg.PoolClient, name: string, place: Place): Promise<string> {
  const { over, begun } = await readHorizon(client);
  if (BigInt(begun) < BigInt(place.transactionId)) {
    throw new Refusal("conflict", `${name} counts its transactions from anew: it was restored on another server.`, {
      fix: "Remove this stream and create it again, beginning with what is in PostgreSQL when nothing may be missing.",
    });
  }
  // Where the cursor has passed once, everything is over, whatever could be told this time.
  return BigInt(over) < BigInt(place.transactionId) ? place.transactionId : over;
}

/**
 * The first transaction that may still run in this database, and the first that has not begun. A snapshot counts the whole
 * server's: one that is known to run in another database can write nothing here and holds nobody up.
 */
async function readHorizon(client: pg.PoolClient): Promise<{ over: string; begun: string }> {
  const { rows } = await client.query<{ over: string; begun: string }>(
    `SELECT pg_snapshot_xmax(seen)::text AS begun,
            coalesce((SELECT running
                        FROM pg_snapshot_xip(seen) AS running
                       WHERE NOT EXISTS (SELECT FROM pg_stat_activity
                                          WHERE backend_xid::text = (running::text::bigint % 4294967296)::text
                                            AND datname <> current_database())
                       ORDER BY running LIMIT 1), pg_snapshot_xmax(seen))::text AS over
       FROM pg_current_snapshot() AS seen`,
  );
  const [row] = rows;
  if (!row) throw new Error("PostgreSQL did not say which transactions are over.");
  return row;
}

/** Also entries that wait for an older transaction to end: they are what the lag is about. What was not looked at yet waits. */
async function oldest(client: pg.PoolClient, { transactionId, entryId }: Place, where: string): Promise<string | null> {
  const { rows } = await client.query<{ at: string }>(
    `SELECT ${at} AS at FROM ${looked(after)} WHERE true${where} ORDER BY transaction_id, audit_logs.id LIMIT 1`,
    [transactionId, entryId],
  );
  return rows[0]?.at ?? (await endOfLook(client, after, [transactionId, entryId]))?.at ?? null;
}

/** Where a stream begins that is to send only what comes. */
export function placeNow(databaseId: string): Promise<Place> {
  return withDatabase(databaseId, async (client) => ({
    transactionId: (await readHorizon(client)).over,
    entryId: "0",
  }));
}
