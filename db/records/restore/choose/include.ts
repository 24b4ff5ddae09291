import { addMarked } from "../load/marked.ts";
import { readEntries } from "../load/read-entries.ts";
import { takeEntries } from "../load/take-entries.ts";
import { problems, rows } from "../scratch.ts";
import { tableOf, type Work } from "../work.ts";
import { chosen } from "./chosen.ts";

/** Takes up the parents that were chosen to come back too; their children are looked at again, and find them in the plan. */
export async function includeParents(work: Work): Promise<void> {
  const { client } = work;
  await readEntries(work, () => ({
    from: `(SELECT DISTINCT (p.detail ->> 'entry')::bigint AS entry, (p.detail ->> 'at')::timestamptz AS at
              FROM (${chosen("include")}) AS p WHERE p.detail ? 'entry') AS asked
           JOIN ${work.log} AS audit_logs ON audit_logs.created_at = asked.at AND audit_logs.id = asked.entry`,
  }));
  await takeEntries(
    work,
    "parent",
    `id IN (SELECT (p.detail ->> 'entry')::bigint FROM (${chosen("include")}) AS p WHERE p.detail ? 'entry')`,
  );
  await includeMarked(work);
  await client.query(
    `WITH settled AS (
       UPDATE ${problems} AS q SET settled = true FROM (${chosen("include")}) AS p WHERE p.n = q.n AND p.kind = q.kind RETURNING q.n)
     UPDATE ${rows} AS r SET round = ${work.round + 1} FROM settled AS s WHERE s.n = r.n`,
  );
}

async function includeMarked(work: Work): Promise<void> {
  const { rows: found } = await work.client.query<{ schema: string; name: string; records: string[] }>(
    `SELECT p.detail ->> 'schema' AS schema, p.detail ->> 'table' AS name, array_agg(DISTINCT p.detail ->> 'record') AS records
       FROM (${chosen("include")}) AS p WHERE p.detail ? 'marked' AND p.detail ->> 'record' IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  for (const { schema, name, records } of found) {
    const table = tableOf(work, { schema, name });
    if (!table) continue;
    const sql = `SELECT record, NULL::bigint AS entry, NULL::timestamptz AS entry_at, NULL::xid8 AS xact, NULL::text AS tenant
                   FROM unnest($1::text[]) AS asked (record)`;
    await addMarked(work, table, "parent", { sql, values: [records] });
  }
}
