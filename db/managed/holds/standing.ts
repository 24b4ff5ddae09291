import type pg from "pg";
import { names } from "./refuse.ts";
import type { Hold } from "./rule.ts";

/** A hold as a managed database has it. */
export interface StandingHold extends Hold {
  /** When it had come to stand on every table that it covers; null while it has not. */
  inForceAt: string | null;
}

/** Whether what is installed knows holds at all. */
export async function knowsHolds(client: Pick<pg.ClientBase, "query">): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass('caretaker.holds') IS NOT NULL AS there");
  return rows[0]?.there === true;
}

/** The holds that stand in a database, by name; none where what is installed is older than holds. */
export async function standingHolds(client: Pick<pg.ClientBase, "query">): Promise<StandingHold[]> {
  if (!(await knowsHolds(client))) return [];
  const { rows } = await client.query<StandingHold>(
    `SELECT id, name, rules, in_force_at AS "inForceAt" FROM caretaker.holds ORDER BY name, id`,
  );
  return rows;
}

/** Tables that carry triggers, by "schema.name", with what they were generated from. */
export async function standingGuards(
  client: Pick<pg.ClientBase, "query">,
): Promise<Map<string, { schema: string; name: string; fingerprint: string }>> {
  const { rows } = await client.query<{ schema: string; name: string; fingerprint: string }>(
    "SELECT schema_name AS schema, table_name AS name, fingerprint FROM caretaker.hold_guards ORDER BY 1, 2",
  );
  return new Map(rows.map((row) => [`${row.schema}.${row.name}`, row]));
}

/** Guarded tables, by "schema.name", where a trigger is missing or does not fire always, there or on a partition. */
export async function brokenGuards(client: Pick<pg.ClientBase, "query">): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `WITH guarded AS (
       SELECT g.schema_name || '.' || g.table_name AS name, c.oid
         FROM caretaker.hold_guards AS g
         LEFT JOIN pg_namespace AS n ON n.nspname = g.schema_name
         LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = g.table_name
     )
     SELECT DISTINCT guarded.name
       FROM guarded
      CROSS JOIN LATERAL (SELECT guarded.oid AS relid
                           UNION SELECT tree.relid FROM pg_partition_tree(guarded.oid) AS tree
                                   JOIN pg_class AS p ON p.oid = tree.relid AND p.relkind IN ('r', 'p')) AS part
      CROSS JOIN unnest($1::text[]) AS wanted (name)
       LEFT JOIN pg_trigger AS t ON t.tgrelid = part.relid AND t.tgname = wanted.name
      WHERE t.oid IS NULL OR t.tgenabled <> 'A'`,
    [Object.values(names)],
  );
  return new Set(rows.map(({ name }) => name));
}
