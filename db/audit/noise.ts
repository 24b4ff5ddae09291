import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import type { NoisyColumn } from "./coverage/contract.ts";

// Asked of the tables that change most, for the newest updates of each.
const tablesMax = 40;
const updatesRead = 1_000;
// Where each tenant has the table in a schema of its own, the index gives the updates of all of them.
const updatesSought = 5_000;
const updatesMin = 20;
// A bookkeeping column is noise when it changes with nearly every update, or when many updates change nothing else.
const shareMin = 0.9;
const aloneMin = 0.25;

interface Changed {
  column: string;
  type: string;
  updates: number;
  changed: number;
  alone: number;
}

/**
 * Columns that the log would be shorter and clearer without, from what it recorded: "updated_at is in 98 % of the changes".
 * Only moments, counters and search vectors are ever proposed: that a status changes often makes it no noise.
 */
export async function readNoise(
  actor: Actor,
  databaseId: string,
  tables: readonly { schema: string; name: string }[],
): Promise<NoisyColumn[]> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, async (client) => {
    const noisy: NoisyColumn[] = [];
    for (const { schema, name } of tables.slice(0, tablesMax)) {
      const found = await bookkeepingOf(client, schema, name);
      noisy.push(...found.filter(isNoise).map((one) => ({ schema, table: name, ...one })));
    }
    return noisy.sort(
      (a, b) => b.alone / b.updates - a.alone / a.updates || b.changed / b.updates - a.changed / a.updates,
    );
  });
}

function isNoise({ updates, changed, alone }: Changed): boolean {
  return updates >= updatesMin && (changed / updates >= shareMin || alone / updates >= aloneMin);
}

/**
 * Each bookkeeping column's part in a table's newest updates. `alone` counts those that changed bookkeeping columns and nothing
 * else: what leaving them out would spare. Keys, references and what marks a deletion are never bookkeeping.
 */
async function bookkeepingOf(client: pg.PoolClient, schema: string, table: string): Promise<Changed[]> {
  const { rows } = await client.query<Changed>(
    `WITH bookkeeping AS (
       SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
         FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid AND c.relname = $2
         JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        WHERE a.attnum > 0 AND NOT a.attisdropped
          AND a.attname !~* '(delet|remov|discard|trash|archiv|destroy|publish|expire|due|paid|sent|confirm|approv|verif|accept|revok|cancel|clos|start|end|birth)'
          AND (a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'tsvector'::regtype)
               OR a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND a.attname ~* '(version|_count$|counter|counts?$|hits|views|revision|sequence)')
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[]))
          AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
     ), newest AS (
       SELECT changes
         FROM (SELECT resource_schema, changes
                 FROM caretaker.audit_logs
                WHERE resource_type = $2 AND action = 'update' AND created_at > now() - interval '60 days'
                ORDER BY created_at DESC, id DESC
                LIMIT $4) AS of_that_name
        WHERE resource_schema = $1
        LIMIT $3
     ), judged AS (
       SELECT changes, NOT EXISTS (SELECT FROM jsonb_object_keys(changes) AS key WHERE key NOT IN (SELECT name FROM bookkeeping)) AS alone
         FROM newest
     )
     SELECT b.name AS column, b.type,
            (SELECT count(*)::int FROM newest) AS updates,
            count(*) FILTER (WHERE j.changes ? b.name)::int AS changed,
            count(*) FILTER (WHERE j.changes ? b.name AND j.alone)::int AS alone
       FROM bookkeeping b
      CROSS JOIN judged j
      GROUP BY b.name, b.type`,
    [schema, table, updatesRead, updatesSought],
  );
  return rows;
}
