import type pg from "pg";
import type { Actor } from "../actor.ts";
import { controlPool, inControl } from "../control.ts";
import type { JobProgress } from "../schema/jobs.ts";

/** A worker must renew within this time, or another one takes the job over. The clock is PostgreSQL's. */
export const leaseSeconds = 15;

/** A job that took down this many workers is not tried again. */
export const attemptsMax = 5;

export interface Leased {
  id: string;
  kind: string;
  title: string;
  input: Record<string, unknown>;
  planHash: string | null;
  staffId: string | null;
  actorName: string;
  capabilities: string[];
  requestId: string;
  attempts: number;
  epoch: number;
  /** Why the attempt before was interrupted, if it lived to tell. */
  error: string | null;
}

/** Somebody else holds the job now, or it is over: nothing more may be written in its name. */
export class LeaseLost extends Error {
  constructor(id: string) {
    super(`The lease of job ${id} was lost to another worker.`);
    this.name = "LeaseLost";
  }
}

/** Takes the oldest job that nobody holds. Of two workers asking at once, each gets another one. */
export async function claim(worker: Actor, kinds: readonly string[], owner: string): Promise<Leased | null> {
  const waiting = await controlPool().query(
    `SELECT 1 FROM jobs
      WHERE kind = ANY ($1) AND (state = 'queued' OR (state = 'running' AND lease_until < now())) LIMIT 1`,
    [kinds],
  );
  if (waiting.rowCount === 0) return null;
  return inControl(worker, async (_tx, client) => {
    const { rows } = await client.query<Leased>(
      `UPDATE jobs
          SET state = 'running', lease_owner = $2, lease_until = now() + make_interval(secs => $3),
              lease_epoch = lease_epoch + 1, attempts = attempts + 1, revision = revision + 1,
              started_at = coalesce(started_at, now())
        WHERE id = (SELECT id FROM jobs
                     WHERE kind = ANY ($1) AND (state = 'queued' OR (state = 'running' AND lease_until < now()))
                     ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, title, input, plan_hash AS "planHash", staff_id AS "staffId", actor_name AS "actorName",
              capabilities, request_id AS "requestId", attempts, lease_epoch AS epoch, error`,
      [kinds, owner, leaseSeconds],
    );
    return rows[0] ?? null;
  });
}

/** Prolongs the lease, and says whether somebody asked to cancel. */
export async function renew(job: Leased): Promise<{ cancelRequested: boolean }> {
  const { rows } = await controlPool().query<{ cancelRequested: boolean }>(
    `UPDATE jobs SET lease_until = now() + make_interval(secs => $3)
      WHERE id = $1 AND lease_epoch = $2 AND state = 'running'
  RETURNING cancel_requested_at IS NOT NULL AS "cancelRequested"`,
    [job.id, job.epoch, leaseSeconds],
  );
  const [row] = rows;
  if (!row) throw new LeaseLost(job.id);
  return row;
}

/**
 * Gives the job back so that another worker may take it after `seconds`. A graceful hand-over costs no attempt;
 * an interruption leaves its reason, to be told if the job never gets further.
 */
export async function release(
  worker: Actor,
  job: Leased,
  seconds: number,
  graceful: boolean,
  reason?: string,
): Promise<void> {
  await inControl(worker, (_tx, client) =>
    client.query(
      `UPDATE jobs SET lease_until = now() + make_interval(secs => $3), lease_owner = NULL,
              attempts = attempts - $4, error = $5, revision = revision + 1
        WHERE id = $1 AND lease_epoch = $2 AND state = 'running'`,
      [job.id, job.epoch, seconds, graceful ? 1 : 0, reason ?? null],
    ),
  );
}

export async function writeProgress(job: Leased, progress: JobProgress): Promise<void> {
  const { rowCount } = await controlPool().query(
    `UPDATE jobs SET progress = $3, revision = revision + 1
      WHERE id = $1 AND lease_epoch = $2 AND state = 'running'`,
    [job.id, job.epoch, JSON.stringify(progress)],
  );
  if (rowCount === 0) throw new LeaseLost(job.id);
}

/** Whoever comes forward is past what the attempt before ended with. */
export async function forgetInterruption(actor: Actor, job: Leased): Promise<void> {
  await inControl(actor, (_tx, client) =>
    client.query("UPDATE jobs SET error = NULL WHERE id = $1 AND lease_epoch = $2 AND error IS NOT NULL", [
      job.id,
      job.epoch,
    ]),
  );
}

/** Locks the job for the rest of the transaction, if this worker still holds it. Every write of a step begins so. */
export async function fence(client: pg.PoolClient, job: Leased): Promise<void> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM jobs WHERE id = $1 AND lease_epoch = $2 AND state = 'running' FOR NO KEY UPDATE",
    [job.id, job.epoch],
  );
  if (rowCount === 0) throw new LeaseLost(job.id);
}
