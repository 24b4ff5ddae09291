import { and, eq, isNull } from "drizzle-orm";
import type pg from "pg";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { literal } from "../../managed/statement.ts";
import { auditStreamCursors, auditStreams } from "../../schema/exports.ts";
import { monthBounds } from "../archive/month.ts";
import { filterOf } from "../export/filter.ts";
import { askedBy } from "../query/asked.ts";
import { after, beginning, type Place } from "./place.ts";

interface Waiting {
  name: string;
  place: Place;
}

/**
 * The streams, by name, that have not passed these months yet; months that none waits for are left out. Streams read PostgreSQL
 * alone: what they are still to send must stay there. A stream that is paused waits as well.
 */
export async function streamsWaiting(databaseId: string, months: readonly string[]): Promise<Map<string, string[]>> {
  const streams = months.length === 0 ? [] : await streamsOf(databaseId);
  if (streams.length === 0) return new Map();
  return withDatabase(databaseId, async (client) => {
    const found = new Map<string, string[]>();
    for (const month of months) {
      const names: string[] = [];
      for (const { name, place } of streams) if (await isBehind(client, month, place)) names.push(name);
      if (names.length > 0) found.set(month, names);
    }
    return found;
  });
}

/** "waits for the stream SIEM" */
export function waitWords(streams: readonly string[]): string {
  return `waits for the stream${streams.length === 1 ? "" : "s"} ${streams.join(", ")}`;
}

/** @throws Refusal `conflict` when a stream has not sent this month yet. */
export async function requireSent(databaseId: string, databaseName: string, month: string): Promise<void> {
  const streams = (await streamsWaiting(databaseId, [month])).get(month);
  if (streams === undefined) return;
  throw new Refusal("conflict", `${month} of ${databaseName} ${waitWords(streams)}, which reads PostgreSQL alone.`, {
    fix: "Let the stream get there, resume it when it is paused, or remove it under Audit, Streams.",
  });
}

async function streamsOf(databaseId: string): Promise<Waiting[]> {
  const rows = await control()
    .select({ stream: auditStreams, cursor: auditStreamCursors })
    .from(auditStreams)
    .leftJoin(
      auditStreamCursors,
      and(eq(auditStreamCursors.streamId, auditStreams.id), eq(auditStreamCursors.databaseId, databaseId)),
    )
    .where(isNull(auditStreams.removedAt))
    .orderBy(auditStreams.name);
  const streams: Waiting[] = [];
  for (const { stream, cursor } of rows) {
    if (await asks(stream.query, databaseId, cursor !== null)) {
      streams.push({ name: stream.name, place: cursor ?? beginning });
    }
  }
  return streams;
}

/** Where the filter cannot be read now, whether it asked this database before. */
async function asks(query: string, databaseId: string, before: boolean): Promise<boolean> {
  try {
    return (await askedBy(filterOf(query))).some(({ id }) => id === databaseId);
  } catch {
    return before;
  }
}

/**
 * Entries that bear the number of a transaction that has not begun here come from another server, and no stream waits for them. A
 * stream that is ahead of this server stands still, and nobody knows what it has sent.
 */
async function isBehind(client: pg.ClientBase, month: string, { transactionId, entryId }: Place): Promise<boolean> {
  const { from, to } = monthBounds(month);
  const { rows } = await client.query<{ behind: boolean }>(
    `SELECT begun < $1::xid8
            OR EXISTS (SELECT FROM caretaker.audit_logs
                        WHERE created_at >= ${literal(from)} AND created_at < ${literal(to)} AND ${after} AND transaction_id < begun) AS behind
       FROM pg_snapshot_xmax(pg_current_snapshot()) AS begun`,
    [transactionId, entryId],
  );
  return rows[0]?.behind ?? true;
}
