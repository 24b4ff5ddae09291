import pg from "pg";
import { keyRecord, quote, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { problems, rows } from "../scratch.ts";
import { keyOf, named, type Work, type WorkTable } from "../work.ts";
import { readRemovals } from "./read-entries.ts";
import { type Origin, ofTable, takeRemoved, takeTurn } from "./take-removed.ts";

/** Rows to take up, as SQL that gives record, entry, entry_at, xact and tenant. */
export interface Records {
  sql: string;
  values: unknown[];
}

/**
 * Takes up rows that a table marks as deleted, as they stand. One whose mark is off again counts as live; one that is not there
 * any more is looked for among the log's removals. Answers how many rows there are then.
 */
export async function addMarked(work: Work, table: WorkTable, origin: Origin, records: Records): Promise<number> {
  const { client } = work;
  const mark = table.managed?.softDelete;
  const key = keyOf(table);
  if (!mark || !table.shape || key.length === 0) return 0;
  const unset = mark.kind === "boolean" ? "false" : "null";
  const column = `t.${quote(mark.column)}`;
  const will = `jsonb_build_object(${pg.escapeLiteral(mark.column)}, '${unset}'::jsonb)`;
  const { rowCount } = await client.query(
    `INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, xact, tenant, standing, image, fitted, given, state)
     SELECT ${work.round + 1}, ${pg.escapeLiteral(named(table))} || ':' || asked.record, ${table.tab}, 'update', ${pg.escapeLiteral(origin)},
            asked.record, asked.entry, asked.entry_at, asked.xact, asked.tenant,
            to_jsonb(t), to_jsonb(t) || ${will}, '{}', ${will},
            CASE WHEN ${column} ${mark.kind === "boolean" ? "IS TRUE" : "IS NOT NULL"} THEN 'open' ELSE 'live' END
       FROM (${records.sql}) AS asked
      CROSS JOIN LATERAL ${keyRecord(key, "asked.record", "k")}
       JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)}
      ${work.lock ? "FOR UPDATE OF t" : ""}
         ON CONFLICT (key) DO NOTHING`,
    records.values,
  );
  await client.query(
    `INSERT INTO ${problems} (n, kind, code, tab, subject, columns, offers, settled)
     SELECT n, 'already_live:' || $2 || ':row', 'already_live', tab, 'row', '{}', '{}', true
       FROM ${rows} WHERE tab = $1 AND act = 'update' AND state = 'live' ON CONFLICT DO NOTHING`,
    [table.tab, named(table)],
  );
  return (rowCount ?? 0) + (await addLost(work, table, origin, records));
}

/** Rows that were marked and are not in their table any more: taken from the log where it knows how they went, else given up. */
async function addLost(work: Work, table: WorkTable, origin: Origin, records: Records): Promise<number> {
  const { client } = work;
  const missing = `FROM (${records.sql}) AS asked WHERE asked.record IS NOT NULL
                    AND NOT EXISTS (SELECT FROM ${rows} AS r WHERE r.tab = ${table.tab} AND r.record = asked.record)`;
  const { rows: lost } = await client.query<{ record: string }>(
    `SELECT DISTINCT asked.record ${missing}`,
    records.values,
  );
  if (lost.length === 0) return 0;
  const gone = lost.map(({ record }) => record);
  await readRemovals(work, table, gone);
  const own = `${ofTable(table)} AND action = 'delete' AND record = ANY ($1::text[])`;
  const found = await takeRemoved(work, origin, await takeTurn(work, own, [gone]));
  const { rowCount } = await client.query(
    `WITH gone AS (
       INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, xact, tenant)
       SELECT ${work.round + 1}, ${pg.escapeLiteral(named(table))} || ':' || asked.record, ${table.tab}, 'insert', ${pg.escapeLiteral(origin)},
              asked.record, asked.entry, asked.entry_at, asked.xact, asked.tenant ${missing}
       RETURNING n, tab)
     INSERT INTO ${problems} (n, kind, code, tab, subject, columns, offers)
     SELECT n, 'lost:' || ${pg.escapeLiteral(named(table))} || ':row', 'lost', tab, 'row', '{}', '{skip}' FROM gone`,
    records.values,
  );
  return found + (rowCount ?? 0);
}
