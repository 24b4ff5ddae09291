import type pg from "pg";
import { identifier } from "#db/managed/statement.ts";
import { ask } from "../patience.ts";

/** What a move puts up in a database and must have taken away: its triggers, functions, tables, progress and worker. */
const traces = `
  SELECT 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass AS trace
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
   WHERE p.pronamespace = 'caretaker'::regnamespace AND (p.proname ~ '^move_[0-9a-f]{12}' OR p.proname = 'refuse_truncate')
   UNION ALL
  SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'caretaker'::regnamespace AND proname ~ '^move_[0-9a-f]{12}'
   UNION ALL
  SELECT 'table ' || relname FROM pg_class
   WHERE relnamespace = 'caretaker'::regnamespace AND relkind = 'r' AND relname ~ '^move_[0-9a-f]{12}'
   UNION ALL
  SELECT 'progress of ' || move_id FROM caretaker.move_progress
   UNION ALL
  SELECT 'worker of ' || move_id FROM caretaker.move_workers`;

/** Where the tenant lives, and everything of a move that is over in one database. */
export interface Standing {
  traces: string[];
  openGates: number;
  schemas: string[];
  sharedRows: number;
}

export function standing(url: string, tenant: string): Promise<Standing> {
  return ask(url, async (client) => {
    const { rows: found } = await client.query<{ trace: string }>(traces);
    const { rows: gates } = await client.query<{ open: number }>(
      "SELECT count(*)::int AS open FROM caretaker.gates WHERE tenant_key = $1 AND state = 'open'",
      [tenant],
    );
    const { rows: schemas } = await client.query<{ name: string }>(
      "SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^t_'",
    );
    return {
      traces: found.map(({ trace }) => trace),
      openGates: gates[0]?.open ?? 0,
      schemas: schemas.map(({ name }) => name),
      sharedRows: await rowsIn(client, "public", tenant),
    };
  });
}

async function rowsIn(client: pg.Client, schema: string, tenant: string): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM ${identifier(schema)}.orders WHERE tenant_id = $1`,
    [tenant],
  );
  return rows[0]?.rows ?? 0;
}
