import { eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../../../actor.ts";
import { databaseNames } from "../../../audit/scope.ts";
import { control } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { decodeCursor, type Page, toPage } from "../../../page.ts";
import { restorePlans, restores } from "../../../schema/restores.ts";
import type { RestoreRecord, RestoresQuery } from "../contract.ts";

const undo = alias(restores, "undo");
const iso = (column: unknown) => sql<string>`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const columns = {
  id: restores.id,
  what: restores.what,
  database: restores.databaseId,
  recordedIn: sql<string | null>`nullif(${restorePlans.databaseId}, ${restores.databaseId})`,
  subject: restores.subject,
  reason: restores.reason,
  state: restores.state,
  actorName: restores.actorName,
  planned: restores.planned,
  written: restores.written,
  exact: restores.exact,
  chosen: restores.chosen,
  differing: restores.differing,
  planHash: restores.planHash,
  job: restores.jobId,
  undoOf: restores.undoOf,
  undoneBy: undo.id,
  error: restores.error,
  startedAt: iso(restores.startedAt),
  finishedAt: iso(restores.finishedAt),
};

const undone = sql`${undo.undoOf} = ${restores.id} AND ${undo.state} IN ('running', 'done', 'partial')`;

/** Restores, newest first. */
export async function listRestores(actor: Actor, filter: RestoresQuery, limit = 50): Promise<Page<RestoreRecord>> {
  authorise(actor, "records.read");
  const [at = null, id = null] = filter.cursor === undefined ? [] : decodeCursor(filter.cursor, 2);
  const rows = await control()
    .select(columns)
    .from(restores)
    .innerJoin(restorePlans, eq(restorePlans.hash, restores.planHash))
    .leftJoin(undo, undone)
    .where(
      sql`(${filter.database ?? null}::uuid IS NULL OR ${filter.database ?? null}::uuid IN (${restores.databaseId}, ${restorePlans.databaseId}))
        AND (${at}::timestamptz IS NULL OR (${restores.startedAt}, ${restores.id}) < (${at}::timestamptz, ${id}::uuid))`,
    )
    .orderBy(sql`${restores.startedAt} DESC, ${restores.id} DESC`)
    .limit(limit + 1);
  const names = await databaseNames(rows.flatMap(databasesOf));
  return toPage(
    rows.map((row) => named(row, names)),
    limit,
    ({ startedAt, id }) => [startedAt, id],
  );
}

/** @throws Refusal `not_found`. */
export async function restoreRecord(id: string): Promise<RestoreRecord> {
  const [row] = await control()
    .select(columns)
    .from(restores)
    .innerJoin(restorePlans, eq(restorePlans.hash, restores.planHash))
    .leftJoin(undo, undone)
    .where(eq(restores.id, id));
  if (!row)
    throw new Refusal("not_found", "There is no such restore.", { fix: "Look for it in the list of restores." });
  return named(row, await databaseNames(databasesOf(row)));
}

type Row = Omit<RestoreRecord, "databaseName">;

function databasesOf({ database, recordedIn }: Row): string[] {
  return recordedIn === null ? [database] : [database, recordedIn];
}

function named(row: Row, names: ReadonlyMap<string, string>): RestoreRecord {
  const { database, recordedIn } = row;
  const of = (id: string) => names.get(id) ?? id;
  return { ...row, databaseName: of(database), recordedIn: recordedIn === null ? null : of(recordedIn) };
}
