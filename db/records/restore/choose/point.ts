import { keyRecord, quote, quoteTable, sameKey } from "../../../managed/row-key.ts";
import type { ForeignKey } from "../../table-shape.ts";
import { attempt } from "../attempt.ts";
import { problems, rows } from "../scratch.ts";
import { keyOf, tableOf, type Work, type WorkTable } from "../work.ts";
import { chosen } from "./chosen.ts";

/** The row belongs to another parent, which must be there. */
export async function pointElsewhere(work: Work): Promise<void> {
  const { rows: found } = await work.client.query<{ tab: number; subject: string }>(
    `SELECT DISTINCT p.tab, p.subject FROM (${chosen("point")}) AS p ORDER BY 1, 2`,
  );
  for (const { tab, subject } of found) {
    const table = work.tables[tab];
    const foreign = table?.shape?.parents.find(({ name }) => name === subject);
    if (!table || !foreign) continue;
    const tried = await attempt(work, () => point(work, table, foreign));
    await work.client.query(
      `UPDATE ${problems} AS q SET detail = q.detail || jsonb_build_object('reason', $3::text)
         FROM (${chosen("point")}) AS p
        WHERE p.n = q.n AND p.kind = q.kind AND p.tab = $1 AND p.subject = $2 AND NOT q.settled`,
      [tab, subject, "refused" in tried ? tried.refused : `${foreign.table} has no such row`],
    );
  }
}

async function point(work: Work, table: WorkTable, foreign: ForeignKey): Promise<void> {
  const parent = tableOf(work, { schema: foreign.schema, name: foreign.table });
  const key = parent ? keyOf(parent) : [];
  if (!parent || key.length === 0) return;
  const values = foreign.columns.map(
    (name, at) => `'${name.replaceAll("'", "''")}', t.${quote(foreign.parentColumns[at] ?? "")}`,
  );
  await work.client.query(
    `WITH given AS MATERIALIZED (
       SELECT p.n, p.kind, jsonb_build_object(${values.join(", ")}) AS value
         FROM (${chosen("point")}) AS p
        CROSS JOIN LATERAL ${keyRecord(key, "(p.choice ->> 'to')", "k")}
         JOIN ${quoteTable(parent)} AS t ON ${sameKey("t", "k", key)}
        WHERE p.tab = $1 AND p.subject = $2),
     settled AS (
       UPDATE ${problems} AS p SET settled = true FROM given AS g WHERE g.n = p.n AND g.kind = p.kind)
     UPDATE ${rows} AS r SET round = ${work.round + 1}, given = r.given || g.value FROM given AS g WHERE g.n = r.n`,
    [table.tab, foreign.name],
  );
}
