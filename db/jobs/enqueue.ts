import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type pg from "pg";
import { type Actor, minted } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";

/** Workers listen here: the payload is "queued" or the id of a job that somebody wants cancelled. */
export const jobsChannel = "caretaker_jobs";

export interface NewJob {
  kind: string;
  /** What it is about, for people: "Backup of app". */
  title: string;
  input: Record<string, unknown>;
  /** The idempotency key: the same id is the same job. */
  id?: string;
  planHash?: string;
}

/** Puts long work in the queue in a transaction of its own. The calling verb has checked the capability. */
export function enqueue(actor: Actor, job: NewJob): Promise<string> {
  return inControl(actor, (_tx, client) => enqueueWith(client, actor, job));
}

/**
 * Puts long work in the queue in the caller's transaction, so that it is queued exactly when the rest commits.
 *
 * @throws Refusal `conflict` when the id already belongs to a different job.
 */
export async function enqueueWith(client: pg.PoolClient, actor: Actor, job: NewJob): Promise<string> {
  if (!minted.has(actor)) throw new TypeError("This actor was not made by the session layer.");
  const id = job.id ?? randomUUID();
  const { rowCount } = await client.query(
    `INSERT INTO jobs (id, kind, title, input, plan_hash, staff_id, actor_name, capabilities, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO NOTHING`,
    [
      id,
      job.kind,
      job.title,
      JSON.stringify(job.input),
      job.planHash ?? null,
      actor.staffId,
      actor.name,
      [...actor.capabilities],
      actor.requestId,
    ],
  );
  if (rowCount === 0) await assertSame(client, id, job);
  await client.query("SELECT pg_notify($1, 'queued')", [jobsChannel]);
  return id;
}

async function assertSame(client: pg.PoolClient, id: string, job: NewJob): Promise<void> {
  const { rows } = await client.query<{ kind: string; input: unknown; plan_hash: string | null }>(
    "SELECT kind, input, plan_hash FROM jobs WHERE id = $1",
    [id],
  );
  const [held] = rows;
  const same =
    held?.kind === job.kind &&
    held.plan_hash === (job.planHash ?? null) &&
    isDeepStrictEqual(held.input, JSON.parse(JSON.stringify(job.input)));
  if (same) return;
  throw new Refusal("conflict", "This job id was already used for something else.", {
    fix: "Reload the page and start again.",
  });
}
