import pg from "pg";
import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { ForeignKey } from "../../table-shape.ts";
import { carryRemovals } from "../moved/removals.ts";
import { problems, rows } from "../scratch.ts";
import { keyArray } from "../values.ts";
import { keyOf, knowTables, type Moving, named, tableOf, type Work, type WorkTable } from "../work.ts";

/**
 * Takes up the rows that pointed to a deleted one until the same transaction took the pointer from them: ON DELETE SET NULL and
 * SET DEFAULT do that, and applications that clear it themselves. They would point to it again. One that points elsewhere by now
 * is left as it is; one that was removed since, or made anew under its key, is another matter.
 */
export async function takeLinks(work: Work): Promise<void> {
  for (const parent of [...work.tables]) {
    for (const foreign of parent.shape?.children ?? []) {
      await knowTables(work, [{ schema: foreign.schema, name: foreign.table }]);
      const child = tableOf(work, { schema: foreign.schema, name: foreign.table });
      if (child) await takeLinksBy(work, parent, child, foreign);
    }
  }
}

async function takeLinksBy(work: Work, parent: WorkTable, child: WorkTable, foreign: ForeignKey): Promise<void> {
  const key = keyOf(child);
  const hidden = child.managed?.maskedColumns ?? [];
  if (work.moving) await carryLaterRemovals(work, work.moving, child);
  if (!child.shape || key.length === 0 || foreign.columns.some((name) => hidden.includes(name))) return;
  const lost = `SELECT DISTINCT ON (log.resource_id) log.resource_id AS record, log.id, log.created_at AS at, log.transaction_id AS xact,
                       log.tenant_id AS tenant, ${pick("log.old_values", foreign)} AS was, ${pick("log.changes", foreign)} AS became
                  FROM ${work.log} AS log
                  JOIN ${rows} AS r ON r.xact = log.transaction_id AND r.tab = ${parent.tab} AND r.origin IN ('asked', 'child')
                   AND ${keyArray("r.image", foreign.parentColumns)} = ${keyArray("log.old_values", foreign.columns)}
                 WHERE log.transaction_id IN (SELECT i.xact FROM ${rows} AS i WHERE i.tab = ${parent.tab})
                   AND log.action = 'update' AND log.resource_schema = ${literal(child.schema)} AND log.resource_type = ${literal(child.name)}
                   AND ${taken(foreign)}
                   AND NOT EXISTS (SELECT FROM ${work.log} AS gone
                                    WHERE gone.resource_id = log.resource_id AND gone.resource_type = log.resource_type
                                      AND gone.resource_schema = log.resource_schema AND gone.action = 'delete' AND gone.id > log.id)
                 ORDER BY log.resource_id, log.id`;
  const cleared = "to_jsonb(t) @> lost.became";
  await work.client.query(
    `INSERT INTO ${rows} AS r (round, key, tab, act, origin, record, entry, entry_at, xact, tenant, standing, image, fitted, given, state)
     SELECT ${work.round + 1}, ${pg.escapeLiteral(named(child))} || ':' || lost.record, ${child.tab}, 'update', 'link', lost.record, lost.id, lost.at, lost.xact, lost.tenant,
            to_jsonb(t), to_jsonb(t) || CASE WHEN ${cleared} THEN lost.was ELSE '{}' END, '{}', CASE WHEN ${cleared} THEN lost.was ELSE '{}' END,
            CASE WHEN ${cleared} THEN 'open' ELSE 'live' END
       FROM (${lost}) AS lost
      CROSS JOIN LATERAL ${keyRecord(key, "lost.record", "k")}
       JOIN ${quoteTable(child)} AS t ON ${sameKey("t", "k", key)}
      ORDER BY lost.record COLLATE "C"
      ${work.lock ? "FOR UPDATE OF t" : ""}
         ON CONFLICT (key) DO UPDATE
        SET given = r.given || excluded.given, image = r.image || excluded.given, state = 'open'
      WHERE r.act = 'update' AND excluded.state = 'open'`,
  );
  await notePointsElsewhere(work, child);
}

/** A row that pointed, and that was removed later, may be so in the log of where the tenant lives. */
async function carryLaterRemovals(work: Work, moving: Moving, child: WorkTable): Promise<void> {
  const { rows: changed } = await work.client.query<{ record: string }>(
    `SELECT DISTINCT log.resource_id AS record FROM ${work.log} AS log
      WHERE log.action = 'update' AND log.resource_schema = $1 AND log.resource_type = $2 AND log.resource_id IS NOT NULL`,
    [child.schema, child.name],
  );
  await carryRemovals(work, moving, child, { records: changed.map(({ record }) => record) });
}

/** Rows of links that are left as they are, with the reason. */
export async function notePointsElsewhere(work: Work, table: WorkTable): Promise<void> {
  await work.client.query(
    `INSERT INTO ${problems} (n, kind, code, tab, subject, columns, offers, settled)
     SELECT n, 'points_elsewhere:' || $2 || ':row', 'points_elsewhere', tab, 'row', '{}', '{}', true
       FROM ${rows} WHERE tab = $1 AND origin = 'link' AND state = 'live' ON CONFLICT DO NOTHING`,
    [table.tab, named(table)],
  );
}

/** SQL: of an entry's document the columns of the key that the entry changed. */
function pick(doc: string, { columns }: ForeignKey): string {
  return `(SELECT jsonb_object_agg(name, ${doc} -> name) FROM unnest(ARRAY[${columns.map(literal).join(", ")}]) AS name WHERE log.changes ? name)`;
}

/** SQL: the entry took the pointer away. A default may be any value; else it is NULL, and a row that was given another parent keeps that. */
function taken({ columns, onDelete }: ForeignKey): string {
  const changed = columns.map((name) =>
    onDelete === "set default" ? `log.changes ? ${literal(name)}` : `log.changes -> ${literal(name)} = 'null'`,
  );
  return `(${changed.join(" OR ")})`;
}
