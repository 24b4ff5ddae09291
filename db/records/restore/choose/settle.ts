import { problems, rows } from "../scratch.ts";
import type { Work } from "../work.ts";
import { chosen } from "./chosen.ts";
import { giveWay } from "./give-way.ts";
import { includeParents } from "./include.ts";
import { pointElsewhere } from "./point.ts";
import { rename } from "./rename.ts";
import { writeTyped } from "./write.ts";

/**
 * Applies what was chosen for problems that are open: a row's own choice before its kind's. Parents that were included include
 * their own. Answers how many choices were applied, after which there may be new rows, and rows to look at again.
 */
export async function settle(work: Work): Promise<number> {
  const { client, choices } = work;
  const { rowCount } = await client.query(
    `UPDATE ${problems} AS p SET choice = c.choice
       FROM (SELECT p.n, p.kind,
                    coalesce($1::jsonb -> 'rows' -> r.key -> p.kind, $1::jsonb -> 'kinds' -> p.kind,
                             CASE WHEN r.origin = 'parent' AND 'include' = ANY (p.offers) AND NOT p.detail ? 'marked'
                                  THEN '{"do": "include"}'::jsonb END) AS choice
               FROM ${problems} AS p JOIN ${rows} AS r ON r.n = p.n
              WHERE p.choice IS NULL AND r.state = 'open') AS c
      WHERE c.n = p.n AND c.kind = p.kind AND c.choice ->> 'do' = ANY (p.offers)`,
    [JSON.stringify(choices)],
  );
  if (rowCount === 0) return 0;
  await skip(work);
  await setEmpty(work);
  await leaveOut(work);
  await writeTyped(work);
  await rename(work);
  await giveWay(work);
  await pointElsewhere(work);
  await includeParents(work);
  await client.query(
    `UPDATE ${problems} SET applied = true, settled = settled OR choice ->> 'do' IN ('leave', 'anyway')
      WHERE choice IS NOT NULL AND NOT applied`,
  );
  await client.query(
    `UPDATE ${problems} AS p SET settled = true FROM ${rows} AS r WHERE r.n = p.n AND r.state = 'skipped' AND NOT p.settled`,
  );
  return rowCount ?? 0;
}

async function skip({ client }: Work): Promise<void> {
  await client.query(`UPDATE ${rows} AS r SET state = 'skipped' FROM (${chosen("skip")}) AS p WHERE p.n = r.n`);
}

/** One NULL frees a unique key and a foreign key; a column by itself is what its problem is about. */
async function setEmpty({ client, round }: Work): Promise<void> {
  await client.query(
    `UPDATE ${rows} AS r SET round = ${round + 1}, given = r.given || e.empty
       FROM (SELECT p.n, jsonb_object_agg(name, NULL) AS empty
               FROM (${chosen("null")}) AS p,
                    jsonb_array_elements_text(coalesce(p.detail -> 'nulls', to_jsonb(p.columns))) AS name
              GROUP BY p.n) AS e
      WHERE e.n = r.n`,
  );
  await done(client, "null");
}

async function leaveOut({ client, round }: Work): Promise<void> {
  await client.query(
    `UPDATE ${rows} AS r SET round = ${round + 1}, omitted = r.omitted || o.columns, given = r.given - o.columns
       FROM (SELECT p.n, array_agg(name) AS columns FROM (${chosen("default")}) AS p, unnest(p.columns) AS name GROUP BY p.n) AS o
      WHERE o.n = r.n`,
  );
  await done(client, "default");
}

async function done(client: Work["client"], what: "null" | "default"): Promise<void> {
  await client.query(
    `UPDATE ${problems} AS q SET settled = true FROM (${chosen(what)}) AS p WHERE p.n = q.n AND p.kind = q.kind`,
  );
}
