import pg from "pg";
import { Refusal } from "../errors.ts";

const lockMs = 50;
const patienceMs = 120_000;

/**
 * One transaction that locks tables which others use, and gives way after 50 ms: whoever comes for them waits behind it for no longer
 * than that, and has time to go on before the next attempt. `tables` are the quoted names of those that it locks, for who stands in
 * the way to be named.
 *
 * @throws Refusal `timeout` after two minutes of trying.
 */
export async function briefly(
  client: pg.Client,
  tables: readonly string[],
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${lockMs}`);
      await work();
      await client.query("COMMIT");
      return;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      if (!(error instanceof pg.DatabaseError) || error.code !== "55P03") throw error;
      if (performance.now() > deadline) throw await blocked(client, tables, error);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 100 * 1.5 ** attempt) * (0.5 + Math.random())));
  }
}

async function blocked(client: pg.Client, tables: readonly string[], cause: Error): Promise<Refusal> {
  const { rows } = await client.query<{ table: string; pid: number; user: string; since: string }>(
    `SELECT l.relation::regclass::text AS "table", a.pid, a.usename AS "user", to_char(now() - a.xact_start, 'HH24:MI:SS') AS since
       FROM unnest($1::text[]) AS named (name)
       JOIN pg_locks l ON l.relation = to_regclass(named.name)
       JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.granted AND a.pid <> pg_backend_pid()
      ORDER BY a.xact_start LIMIT 1`,
    [tables],
  );
  const [who] = rows;
  const whom = who ? ` Process ${who.pid} of ${who.user} has held ${who.table} for ${who.since}.` : "";
  return new Refusal("timeout", `${tables.join(", ")} could not be locked for 50 ms in two minutes of trying.${whom}`, {
    fix: "Wait for that transaction or end it, then resume the move.",
    cause,
  });
}
