import pg from "pg";
import { Refusal } from "../../errors.ts";
import { guardStatements, type RowSecurityNow, unguardStatements } from "../../managed/moving/guard.ts";
import type { MovingTable, Standing } from "../../managed/moving/table.ts";
import {
  dropNoteStatements,
  dropTriggerStatements,
  noteStatements,
  triggerStatements,
} from "../../managed/moving/triggers.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import type { End } from "../pair.ts";

const lockMs = 50;
const patienceMs = 120_000;

/** The tables of noted keys and the functions that note. They touch nothing of the application's. */
export async function makeNotes(
  { client, standing }: End,
  tables: readonly MovingTable[],
  mover: string,
): Promise<void> {
  for (const table of tables) for (const { sql } of noteStatements(table, standing, mover)) await client.query(sql);
}

/** From when this returns every write of the tenant at this place is noted and asks the gate. */
export async function hangTriggers(end: End, tables: readonly MovingTable[], signal: AbortSignal): Promise<void> {
  for (const table of tables) {
    await briefly(end, table, triggerStatements(table, end.standing), signal);
  }
}

/** Reads of a place that is not the tenant's are refused from now on. */
export async function guardReads(
  end: End,
  tables: readonly MovingTable[],
  before: Readonly<Record<string, RowSecurityNow>>,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    const now = before[table.name] ?? { enabled: false, forced: false };
    await briefly(end, table, guardStatements(table, end.standing, now), signal);
  }
}

/** Takes away what the move hung on the tables of a place, and the notes. What is not there does no harm. */
export async function takeDown(
  end: End,
  tables: readonly MovingTable[],
  before: Readonly<Record<string, RowSecurityNow>>,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    if (await exists(end, table.name)) {
      const was = before[table.name] ?? { enabled: false, forced: false };
      const statements = [
        ...dropTriggerStatements(table, end.standing),
        ...unguardStatements(table, end.standing, was),
      ];
      await briefly(end, table, statements, signal);
    }
    for (const { sql } of dropNoteStatements(table, end.standing)) await end.client.query(sql);
  }
}

async function exists({ client, standing }: End, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    relation(standing.schema, table),
  ]);
  return rows[0]?.there ?? false;
}

/**
 * One table's statements in one transaction that gives way after 50 ms: whoever writes to the table waits behind this lock for
 * no longer than that, and has time to go on before the next attempt.
 */
async function briefly(
  { client, standing }: End,
  table: MovingTable,
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<void> {
  if (statements.length === 0) return;
  const sql = statements.map((statement) => statement.sql).join(";\n");
  const deadline = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${lockMs};\n${sql};\nCOMMIT`);
      return;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      if (!(error instanceof pg.DatabaseError) || error.code !== "55P03") throw error;
      if (performance.now() > deadline) throw await blocked(client, standing, table, error);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 100 * 1.5 ** attempt) * (0.5 + Math.random())));
  }
}

async function blocked(client: pg.Client, { schema }: Standing, { name }: MovingTable, cause: Error): Promise<Refusal> {
  const { rows } = await client.query<{ pid: number; user: string; since: string }>(
    `SELECT a.pid, a.usename AS "user", to_char(now() - a.xact_start, 'HH24:MI:SS') AS since
       FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.relation = to_regclass($1) AND l.granted AND a.pid <> pg_backend_pid()
      ORDER BY a.xact_start LIMIT 1`,
    [relation(schema, name)],
  );
  const [who] = rows;
  const whom = who ? ` Process ${who.pid} of ${who.user} has held it for ${who.since}.` : "";
  return new Refusal("timeout", `${schema}.${name} could not be locked for 50 ms in two minutes of trying.${whom}`, {
    fix: "Wait for that transaction or end it, then resume the move.",
    cause,
  });
}
