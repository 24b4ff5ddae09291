import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { decodeCursor, type Page, toPage } from "../page.ts";
import type { JobFilter, JobStep, JobView } from "./contract.ts";

const pageSize = 50;

// Never the input: an area may keep there what a reader of jobs must not see.
const columns = `id, kind, title, state, step, progress, result, error, actor_name AS "actorName", attempts, revision,
  ${iso("cancel_requested_at")} AS "cancelRequestedAt", ${iso("created_at")} AS "createdAt",
  ${iso("started_at")} AS "startedAt", ${iso("finished_at")} AS "finishedAt"`;

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** One job. @throws Refusal `not_found`. */
export async function readJob(actor: Actor, id: string): Promise<JobView> {
  authorise(actor, "jobs.read");
  const { rows } = await controlPool().query<JobView>(`SELECT ${columns} FROM jobs WHERE id = $1`, [id]);
  const [job] = rows;
  if (!job) throw new Refusal("not_found", "There is no such job.", { fix: "Look for it in the list of jobs." });
  return job;
}

/** The steps that are finished, in order. */
export async function readSteps(actor: Actor, id: string): Promise<JobStep[]> {
  authorise(actor, "jobs.read");
  const { rows } = await controlPool().query<JobStep>(
    `SELECT step, ${iso("finished_at")} AS "finishedAt" FROM job_receipts WHERE job_id = $1 ORDER BY finished_at, step`,
    [id],
  );
  return rows;
}

/** Newest first. */
export async function listJobs(actor: Actor, filter: JobFilter): Promise<Page<JobView>> {
  authorise(actor, "jobs.read");
  const [createdAt, id] = filter.cursor ? decodeCursor(filter.cursor, 2) : [null, null];
  const { rows } = await controlPool().query<JobView>(
    `SELECT ${columns} FROM jobs
      WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
        AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
      ORDER BY created_at DESC, id DESC LIMIT $5`,
    [filter.state ?? null, filter.kind ?? null, createdAt, id, pageSize + 1],
  );
  return toPage(rows, pageSize, (job) => [job.createdAt, job.id]);
}
