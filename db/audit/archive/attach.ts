import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { literal } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { monthBounds, partitionName } from "./month.ts";
import { partitionOf, standingOf } from "./standing.ts";

// Taking a partition out or in needs the whole log for an instant, and whoever writes meanwhile waits behind the request. So it
// is asked for 50 ms at a time: no application ever waits longer for us than that.
const patience = { ...limits.write, lock: 50 };
const attemptsMax = 200;

type Step = (client: pg.PoolClient) => Promise<void>;

/** Takes a month out of the log; its table stands alone afterwards. Doing it again changes nothing. */
export function detachMonth(actor: Actor, databaseId: string, month: string, signal: AbortSignal): Promise<void> {
  return patiently(actor, databaseId, signal, async (client) => {
    if ((await standingOf(client, month)) !== "attached") return;
    await client.query(`ALTER TABLE caretaker.audit_logs_indexed DETACH PARTITION ${partitionOf(month)}`);
  });
}

/** Puts a month's table back into the log, with what the DEFAULT partition caught of that month meanwhile. */
export function attachMonth(
  actor: Actor,
  databaseId: string,
  month: string,
  signal: AbortSignal,
  before: Step = async () => {},
): Promise<void> {
  return patiently(actor, databaseId, signal, async (client) => {
    if ((await standingOf(client, month)) === "attached") return;
    await before(client);
    await attach(client, month);
  });
}

async function attach(client: pg.PoolClient, month: string): Promise<void> {
  const part = partitionOf(month);
  const { from, to } = monthBounds(month);
  const within = `created_at >= ${literal(from)} AND created_at < ${literal(to)}`;
  // With the check in place PostgreSQL need not read the table while the log is held.
  await client.query(`ALTER TABLE ${part} DROP CONSTRAINT IF EXISTS month`);
  await client.query(`ALTER TABLE ${part} ADD CONSTRAINT month CHECK (${within})`);
  await client.query("LOCK TABLE caretaker.audit_logs_default IN ACCESS EXCLUSIVE MODE");
  const { rowCount } = await client.query(`SELECT FROM caretaker.audit_logs_default WHERE ${within} LIMIT 1`);
  if (rowCount === 1) {
    await client.query("ALTER TABLE caretaker.audit_logs_default DISABLE TRIGGER append_only");
    await client.query(`INSERT INTO ${part} SELECT * FROM caretaker.audit_logs_default WHERE ${within}`);
    await client.query(`DELETE FROM caretaker.audit_logs_default WHERE ${within}`);
    await client.query("ALTER TABLE caretaker.audit_logs_default ENABLE ALWAYS TRIGGER append_only");
  }
  await client.query(
    `ALTER TABLE caretaker.audit_logs_indexed ATTACH PARTITION ${part} FOR VALUES FROM (${literal(from)}) TO (${literal(to)})`,
  );
  await client.query(`ALTER TABLE ${part} DROP CONSTRAINT month`);
  await client.query("SELECT caretaker.protect_partition($1::regclass)", [`caretaker.${partitionName(month)}`]);
}

async function patiently(actor: Actor, databaseId: string, signal: AbortSignal, step: Step): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await inDatabase(actor, databaseId, step, { limits: patience });
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (attempt === attemptsMax) throw busy(error);
    }
    await pause(Math.min(1_000, 50 * attempt) * (0.5 + Math.random()), undefined, { signal });
  }
}

/** A lock that was not had in time, or a deadlock that ended with us. */
function isBusy(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "55P03" || error.code === "40P01");
}

function busy(cause: unknown): Refusal {
  return new Refusal("timeout", "The audit log was in use the whole time, so the month was not taken out or in.", {
    fix: "Look under Performance for a transaction that stays open, then start again.",
    cause,
  });
}
