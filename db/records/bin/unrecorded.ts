import { type Actor, authorise } from "../../actor.ts";
import { readPosition, Values } from "../../audit/conditions.ts";
import { auditedFor } from "../../audit/scope.ts";
import { controlPool } from "../../control.ts";
import { consoleDatabase } from "../../fleet.ts";
import { type Page, toPage } from "../../page.ts";
import type { UnrecordedDeletion, UnrecordedFilter } from "./contract.ts";

const pageSize = 50;

/** What went from tables while nobody recorded it, newest first, each with the backup that still holds most of it. */
export async function listUnrecorded(
  actor: Actor,
  filter: UnrecordedFilter,
  cursor: string | null = null,
  limit = pageSize,
): Promise<Page<UnrecordedDeletion>> {
  authorise(actor, "records.read");
  const values = new Values();
  const where = await scopeSql(values, filter);
  if (cursor !== null) {
    const { at, id } = readPosition(cursor);
    where.push(`(gone.until, gone.id) < (${values.add(at)}::timestamptz, ${values.add(id)}::bigint)`);
  }
  const { rows } = await controlPool().query<UnrecordedDeletion>(
    `SELECT gone.id::text AS id, gone.database_id AS database, d.name AS "databaseName", gone.schema, gone.table_name AS "table",
            gone.rows::text AS rows, gone.began_anew AS "beganAnew", ${iso("gone.since")} AS since, ${iso("gone.until")} AS until,
            holding.backup
       FROM unrecorded_deletions AS gone
       JOIN databases AS d ON d.id = gone.database_id
       LEFT JOIN LATERAL (${holdingSql}) AS holding ON true
      WHERE ${where.join(" AND ")}
      ORDER BY gone.until DESC, gone.id DESC
      LIMIT ${values.add(limit + 1)}`,
    values.list,
  );
  return toPage(rows, limit, ({ until, id, database }) => [until, id, database]);
}

/** The newest backup from before, which holds all that was there by then; else the first one in between. */
const holdingSql = `
  SELECT json_build_object('id', b.id, 'startedAt', ${iso("b.started_at")}, 'older', b.started_at <= gone.since) AS backup
    FROM backups AS b
   WHERE b.database_id = gone.database_id::text AND b.state = 'good' AND b.started_at < gone.until
   ORDER BY (b.started_at <= gone.since) IS TRUE DESC,
            CASE WHEN b.started_at <= gone.since THEN b.started_at END DESC, b.started_at
   LIMIT 1`;

/** How many rows of how many tables went so in the last days. */
export async function recentlyUnrecorded(
  actor: Actor,
  filter: UnrecordedFilter,
): Promise<{ days: number; tables: number; rows: string }> {
  authorise(actor, "records.read");
  const days = 30;
  const values = new Values();
  const where = await scopeSql(values, filter);
  const { rows } = await controlPool().query<{ tables: number; rows: string }>(
    `SELECT count(DISTINCT (gone.database_id, gone.schema, gone.table_name))::int AS tables, coalesce(sum(gone.rows), 0)::text AS rows
       FROM unrecorded_deletions AS gone
      WHERE ${where.join(" AND ")} AND gone.until > now() - make_interval(days => ${values.add(days)})`,
    values.list,
  );
  const [found] = rows;
  if (!found) throw new Error("A count gave no row.");
  return { days, ...found };
}

async function scopeSql(values: Values, filter: UnrecordedFilter): Promise<string[]> {
  const asked = (await auditedFor(filter)).map(({ id }) => id).filter((id) => id !== consoleDatabase);
  const where = [`gone.database_id = ANY (${values.add(asked)}::uuid[])`];
  if (filter.schema !== undefined) where.push(`gone.schema = ${values.add(filter.schema)}`);
  if (filter.table !== undefined) where.push(`gone.table_name = ${values.add(filter.table)}`);
  return where;
}

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
