import pg from "pg";
import { entries, rows } from "../scratch.ts";
import type { Work } from "../work.ts";

export type Origin = "asked" | "child" | "parent";

export function ofTable({ schema, name }: { schema: string; name: string }): string {
  return `schema_name = ${pg.escapeLiteral(schema)} AND table_name = ${pg.escapeLiteral(name)}`;
}

/** Sets entries apart that were read and not taken yet. What `which` says of the plan's rows holds as they are now, and not once these are among them. */
export async function takeTurn({ client }: Work, which: string, values: unknown[] = []): Promise<number> {
  const { rows: last } = await client.query<{ turn: number }>(
    `SELECT coalesce(max(turn), 0) + 1 AS turn FROM ${entries}`,
  );
  const turn = last[0]?.turn ?? 1;
  await client.query(`UPDATE ${entries} SET turn = ${turn} WHERE turn IS NULL AND ${which}`, values);
  return turn;
}

/** Makes rows of the removals of a turn. A row that was marked as deleted before it was removed comes back without the mark: else it would be in the bin again. */
export async function takeRemoved(work: Work, origin: Origin, turn: number): Promise<number> {
  const marks = work.tables.map(({ managed }) => managed?.softDelete ?? null);
  const { rowCount } = await work.client.query(
    `INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, xact, tenant, image, given)
     SELECT ${work.round + 1}, e.id::text, t.tab - 1, 'insert', $4, e.record, e.id, e.at, e.xact, e.tenant, e.image,
            CASE WHEN e.image ->> t.mark IS NOT NULL AND e.image -> t.mark <> t.unset THEN jsonb_build_object(t.mark, t.unset) ELSE '{}' END
       FROM (SELECT * FROM ${entries} WHERE turn = ${turn} AND action = 'delete') AS e
       JOIN unnest($1::text[], $2::text[], $3::text[], $5::jsonb[]) WITH ORDINALITY AS t (schema_name, table_name, mark, unset, tab)
         ON t.schema_name = e.schema_name AND t.table_name = e.table_name
      WHERE NOT EXISTS (SELECT FROM ${rows} AS r WHERE r.tab = t.tab - 1 AND r.record = e.record)
      ORDER BY t.tab, e.at, e.id
         ON CONFLICT (key) DO NOTHING`,
    [
      work.tables.map(({ schema }) => schema),
      work.tables.map(({ name }) => name),
      marks.map((mark) => mark?.column ?? null),
      origin,
      marks.map((mark) => (mark?.kind === "boolean" ? "false" : "null")),
    ],
  );
  return rowCount ?? 0;
}
