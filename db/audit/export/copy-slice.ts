import type pg from "pg";
import { copyBlocks } from "../../copy/blocks.ts";
import { Refusal } from "../../errors.ts";
import { monthsParent } from "../../managed/sql/020-audit-logs.ts";
import { inSnapshot } from "./connect.ts";
import type { EntryKey } from "./contract.ts";
import type { Share } from "./fix-set.ts";
import type { Printer } from "./printer.ts";
import type { Slice } from "./slices.ts";

export interface Copied {
  rows: number;
  first: EntryKey | null;
  last: EntryKey | null;
}

export interface CopySlice {
  share: Share;
  slice: Slice;
  printer: Printer;
  zone: string;
  signal: AbortSignal;
  /** Done with the bytes when it answers. */
  write: (block: Buffer) => Promise<void>;
}

/** Has PostgreSQL print one slice of a share, oldest first, and passes the bytes on as they come. */
export function copySlice(task: CopySlice): Promise<Copied> {
  const { share, slice, zone } = task;
  const where = [share.where, ...boundsOf(slice)].join(" AND ");
  return inSnapshot(share.id, zone, async (client) => {
    // A sort would hold back the first line and spill a big slice to disk; the key's index has the order already.
    if (share.most) await client.query("SET LOCAL enable_sort = off; SET LOCAL random_page_cost = 1.1");
    const copied = await print(client, await relationOf(client, where), where, task);
    await assertThere(client, share, slice);
    return copied;
  });
}

/** The log; only the stage that has its indexes where the other holds nothing of this, so that nothing need be sorted. */
async function relationOf(client: pg.Client, where: string): Promise<string> {
  const { rows } = await client.query<{ staged: string | null }>(
    "SELECT to_regclass('caretaker.audit_logs_staged')::text AS staged",
  );
  if (!rows[0]?.staged) return "caretaker.audit_logs";
  const { rowCount } = await client.query(
    `SELECT FROM caretaker.audit_logs_staged AS audit_logs WHERE ${where} LIMIT 1`,
  );
  return rowCount === 0 ? "caretaker.audit_logs_indexed AS audit_logs" : "caretaker.audit_logs";
}

/** Prints what matches of a table that has the log's columns and is called audit_logs. */
export async function print(client: pg.Client, table: string, where: string, task: CopySlice): Promise<Copied> {
  const { share, printer, signal, write } = task;
  // The table's own column: by its bare name a printed moment of that name would be meant, sorted as text.
  const text = `COPY (SELECT ${printer.select(share)} FROM ${table} WHERE ${where}
                       ORDER BY audit_logs.created_at, audit_logs.id) TO STDOUT WITH ${printer.copyOptions}`;
  const rows = await copyBlocks(client, text, signal, write);
  if (rows === 0) return { rows, first: null, last: null };
  const edge = (direction: "ASC" | "DESC") => edgeOf(client, table, where, direction);
  return { rows, first: await edge("ASC"), last: await edge("DESC") };
}

function boundsOf({ from, to }: Slice): string[] {
  return [
    ...(from === null ? [] : [`created_at >= '${from}'::timestamptz`]),
    ...(to === null ? [] : [`created_at < '${to}'::timestamptz`]),
  ];
}

/** Asked after the copy, whose locks keep every partition that it read until the transaction ends. */
async function assertThere(client: pg.Client, share: Share, slice: Slice): Promise<void> {
  const { rows } = await client.query<{ partition: string }>(
    `SELECT partition FROM unnest($1::text[]) AS partition
      WHERE NOT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                         WHERE inhparent = ${monthsParent} AND relname = partition)`,
    [slice.partitions],
  );
  const [gone] = rows;
  if (!gone) return;
  throw new Refusal("conflict", `${gone.partition} left the log of ${share.name} while it was exported.`, {
    fix: "Retention archived that month meanwhile. Start the export again.",
  });
}

async function edgeOf(
  client: pg.Client,
  table: string,
  where: string,
  direction: "ASC" | "DESC",
): Promise<EntryKey | null> {
  const { rows } = await client.query<EntryKey>(
    `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at, audit_logs.id::text AS id
       FROM ${table} WHERE ${where}
      ORDER BY audit_logs.created_at ${direction}, audit_logs.id ${direction} LIMIT 1`,
  );
  return rows[0] ?? null;
}
