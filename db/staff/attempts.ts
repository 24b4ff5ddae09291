import type pg from "pg";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { inTransaction } from "../transaction.ts";
import { networkOf } from "./network.ts";
import { hashOf } from "./secret-text.ts";

interface Limit {
  key: string;
  /** Failures within the window that cost nothing. */
  free: number;
  windowMinutes: number;
  /** Each further failure doubles the wait, from one second up to this. */
  delaySecondsMax: number;
}

/**
 * Counts an attempt before the password is looked at, so that parallel guesses count too. Three limits hold together:
 * one account from one address (after 5 failures, delays up to 5 minutes), one address (after 100, up to 15), and one
 * account from addresses it never signed in from (after 30, up to 1). An outsider can so delay somebody's first sign-in from a new
 * place by a minute, and never one from a place that person has used in the last 90 days. The addresses of one IPv6 /64 are one.
 *
 * @throws Refusal `rate_limited`, with the seconds to wait.
 */
export async function countAttempt(email: string, ip: string | null): Promise<void> {
  await inTransaction(controlPool(), async (client) => {
    const known = await isKnownAddress(client, email, ip);
    for (const limit of limitsFor(email, ip)) {
      if (limit.key.startsWith("account ") && known) continue;
      if (!(await count(client, limit))) await refuse(client, limit);
    }
  });
}

/** Takes back what `countAttempt` counted, and the waits of this account at this address; forgets what is long past. */
export async function forgiveAttempt(client: pg.ClientBase, email: string, ip: string | null): Promise<void> {
  const [pair, ...wide] = limitsFor(email, ip).map(({ key }) => key);
  await client.query("DELETE FROM sign_in_attempts WHERE key = $1 OR window_started_at < now() - interval '1 day'", [
    pair,
  ]);
  await client.query("UPDATE sign_in_attempts SET failures = greatest(failures - 1, 0) WHERE key = ANY ($1)", [wide]);
}

function limitsFor(email: string, ip: string | null): Limit[] {
  const place = ip === null ? "unknown" : networkOf(ip);
  return [
    { key: `pair ${hashOf(`${email} ${place}`)}`, free: 5, windowMinutes: 60, delaySecondsMax: 300 },
    { key: `address ${hashOf(place)}`, free: 100, windowMinutes: 15, delaySecondsMax: 900 },
    { key: `account ${hashOf(email)}`, free: 30, windowMinutes: 60, delaySecondsMax: 60 },
  ];
}

async function isKnownAddress(client: pg.ClientBase, email: string, ip: string | null): Promise<boolean> {
  if (ip === null) return false;
  const { rows } = await client.query<{ ip: string }>(
    `SELECT DISTINCT sessions.ip
       FROM sessions JOIN staff ON staff.id = sessions.staff_id
      WHERE lower(staff.email) = lower($1) AND sessions.ip IS NOT NULL AND sessions.created_at > now() - interval '90 days'`,
    [email],
  );
  return rows.some((row) => networkOf(row.ip) === networkOf(ip));
}

/** Counts one more, and sets the wait before the next. Returns false, and counts nothing, while a wait is running. */
async function count(client: pg.ClientBase, limit: Limit): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO sign_in_attempts AS seen (key, failures, window_started_at, retry_at)
     VALUES ($1, 1, clock_timestamp(), clock_timestamp())
     ON CONFLICT (key) DO UPDATE SET
       failures = CASE WHEN seen.window_started_at < clock_timestamp() - make_interval(mins => $2) THEN 1 ELSE seen.failures + 1 END,
       window_started_at = CASE WHEN seen.window_started_at < clock_timestamp() - make_interval(mins => $2)
                                THEN clock_timestamp() ELSE seen.window_started_at END,
       retry_at = CASE WHEN seen.window_started_at < clock_timestamp() - make_interval(mins => $2) OR seen.failures < $3
                       THEN clock_timestamp()
                       ELSE clock_timestamp() + make_interval(secs => least(power(2, least(seen.failures - $3, 20)), $4)) END
     WHERE seen.retry_at <= clock_timestamp()`,
    [limit.key, limit.windowMinutes, limit.free, limit.delaySecondsMax],
  );
  return rowCount === 1;
}

async function refuse(client: pg.ClientBase, limit: Limit): Promise<never> {
  const { rows } = await client.query<{ seconds: number }>(
    "SELECT greatest(1, ceil(extract(epoch FROM retry_at - clock_timestamp())))::int AS seconds FROM sign_in_attempts WHERE key = $1",
    [limit.key],
  );
  throw new Refusal("rate_limited", "There were too many attempts.", {
    fix: `Try again in ${rows[0]?.seconds ?? limit.delaySecondsMax} seconds.`,
  });
}
