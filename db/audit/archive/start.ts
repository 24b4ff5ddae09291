import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { enqueueWith, type NewJob } from "../../jobs/enqueue.ts";
import type { MonthReference } from "../retention/contract.ts";
import { rulesOf, wholeOf } from "../retention/rules.ts";
import { auditedDatabase } from "../scope.ts";
import { requireSent } from "../stream/waiting.ts";
import { archiveJob, isDue } from "./due.ts";
import { archiveOf } from "./registry.ts";
import { standingOf } from "./standing.ts";

/** The kinds of jobs that move a month; one month has at most one of them at a time. */
export const monthJobs = ["audit.archive", "audit.return", "audit.expire"];

/** Archives a month now rather than at the next run. It must be past its hot age, which two people agreed to. */
export async function startArchive(actor: Actor, { databaseId, month }: MonthReference): Promise<{ jobId: string }> {
  authorise(actor, "retention.manage");
  const { name } = await auditedDatabase(databaseId);
  const { hotMonths } = wholeOf(await rulesOf(databaseId));
  if (!isDue(month, hotMonths, new Date())) {
    throw new Refusal("conflict", `${month} is not past the time that entries of ${name} stay in PostgreSQL.`, {
      fix: "Shorten that time first; it needs a second person.",
    });
  }
  if ((await withDatabase(databaseId, (client) => standingOf(client, month))) === "gone") {
    throw new Refusal("not_found", `${name} has no partition for ${month}.`, { fix: "Reload the page." });
  }
  await requireSent(databaseId, name, month);
  return { jobId: await enqueueOnce(actor, archiveJob(databaseId, name, month)) };
}

/** Brings an archived month back into PostgreSQL. The file stays where it is. */
export async function startReturn(actor: Actor, { databaseId, month }: MonthReference): Promise<{ jobId: string }> {
  authorise(actor, "retention.manage");
  const { name } = await auditedDatabase(databaseId);
  const archive = await archiveOf(databaseId, month);
  if (archive?.state !== "cold") {
    throw new Refusal("conflict", `${month} of ${name} is not archived.`, { fix: "Reload the page." });
  }
  const title = `Bring ${month} of ${name} back`;
  return { jobId: await enqueueOnce(actor, { kind: "audit.return", title, input: { databaseId, month } }) };
}

function enqueueOnce(actor: Actor, job: NewJob): Promise<string> {
  return inControl(actor, (_tx, client) => enqueueOnceWith(client, actor, job));
}

/** @throws Refusal `conflict` when another job moves this month already. */
export async function enqueueOnceWith(client: pg.PoolClient, actor: Actor, job: NewJob): Promise<string> {
  const { databaseId, month } = job.input;
  await client.query("SELECT pg_advisory_xact_lock(hashtext('audit month'), hashtext($1))", [`${databaseId} ${month}`]);
  const { rowCount } = await client.query(
    `SELECT FROM jobs
      WHERE kind = ANY ($1) AND state IN ('queued', 'running') AND input ->> 'databaseId' = $2 AND input ->> 'month' = $3`,
    [monthJobs, databaseId, month],
  );
  if (rowCount === 0) return enqueueWith(client, actor, job);
  throw new Refusal("conflict", `${month} is being moved already.`, { fix: "Wait until that job is over." });
}
