import { desc, isNull } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control, controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreams } from "../../schema/exports.ts";
import { databaseNames } from "../scope.ts";
import type { StreamCursor, StreamView } from "./contract.ts";
import { placeOf } from "./place-words.ts";

type CursorRow = StreamCursor & { streamId: string; stale: boolean; late: boolean };

/** Every stream that is not removed, newest first, with how far each database has got. */
export async function listStreams(actor: Actor): Promise<StreamView[]> {
  authorise(actor, "audit.read");
  const rows = await control()
    .select()
    .from(auditStreams)
    .where(isNull(auditStreams.removedAt))
    .orderBy(desc(auditStreams.createdAt), desc(auditStreams.id));
  const cursors = await readCursors();
  return rows.map((row) => {
    const own = cursors.filter(({ streamId }) => streamId === row.id);
    return {
      id: row.id,
      name: row.name,
      kind: row.target.kind,
      place: placeOf(row.target),
      target: row.target,
      revision: row.revision,
      format: row.format,
      query: row.query,
      createdBy: row.createdBy,
      createdAt: new Date(row.createdAt).toISOString(),
      pausedAt: row.pausedAt && new Date(row.pausedAt).toISOString(),
      standing: standingOf(row.pausedAt, own),
      cursors: own,
    };
  });
}

/** @throws Refusal `not_found` */
export async function readStream(actor: Actor, id: string): Promise<StreamView> {
  const stream = (await listStreams(actor)).find((one) => one.id === id);
  if (!stream)
    throw new Refusal("not_found", "There is no such stream.", { fix: "Look for it in the list of streams." });
  return stream;
}

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

async function readCursors(): Promise<CursorRow[]> {
  const { rows } = await controlPool().query<CursorRow>(
    `SELECT stream_id AS "streamId", database_id AS "databaseId", delivered::text AS delivered, failures, error,
            ${iso("delivered_at")} AS "deliveredAt", ${iso("behind_since")} AS "behindSince", ${iso("checked_at")} AS "checkedAt",
            ${iso("next_try_at")} AS "nextTryAt",
            coalesce(greatest(checked_at, next_try_at) < now() - interval '2 minutes', true) AS stale,
            coalesce(behind_since < now() - interval '1 minute', false) AS late
       FROM audit_stream_cursors ORDER BY database_id`,
  );
  const names = await databaseNames(rows.map(({ databaseId }) => databaseId));
  return rows.map((row) => ({ ...row, databaseName: names.get(row.databaseId) ?? row.databaseId }));
}

function standingOf(pausedAt: string | null, cursors: readonly CursorRow[]): StreamView["standing"] {
  if (pausedAt !== null) return "paused";
  if (cursors.some(({ failures }) => failures > 0)) return "failing";
  if (cursors.length === 0 || cursors.some(({ stale }) => stale)) return "unknown";
  return cursors.some(({ late }) => late) ? "behind" : "flowing";
}
