import { randomUUID } from "node:crypto";
import pg from "pg";
import { Refusal } from "../../../errors.ts";
import { withDatabase } from "../../../fleet.ts";
import { enforceHolds } from "../../../holding/enforce.ts";
import { type Model, modelOf } from "../../../holding/tables.ts";
import type { RunningJob } from "../../../jobs/kind.ts";
import { limits } from "../../../transaction.ts";
import { policiesIn } from "../inherited.ts";
import { attempt, confirm, openAttempts, settle } from "./attempts.ts";
import { removeBatch, TooLong } from "./batch.ts";
import { Pace } from "./pace.ts";
import { look, pagesInLook, partsOf } from "./scan.ts";
import { type Scope, scopeOf } from "./scope.ts";

type Job = Pick<RunningJob, "id" | "actor" | "signal" | "progress" | "log">;

const roundsMax = 20;

/**
 * Removes what is due in one database, table by table, children first, again and again while a round still frees rows. Each batch
 * is written down before and settled after; killed anywhere, the next run settles what was open and goes on with what is left.
 */
export async function purge(
  job: Job,
  databaseId: string,
  sizes: { pace?: Pace } = {},
): Promise<{ removed: number; notes: string[] }> {
  const notes = new Set<string>();
  await requireInstalled(databaseId);
  for (const open of await openAttempts({ runId: job.id })) await settle(job.actor, open);
  await enforceHolds(job.actor, databaseId, job.signal);
  const model = await modelOf(databaseId);
  const pace = sizes.pace ?? new Pace();
  let removed = 0;
  for (let round = 0; round < roundsMax; round++) {
    const before = removed;
    const scope = await readScope(databaseId, model, false);
    for (const table of scope.tables) {
      removed += await purgeTable({ job, databaseId, model, pace, notes }, `${table.schema}.${table.name}`, removed);
    }
    if (removed === before) break;
  }
  return { removed, notes: [...notes] };
}

/** The receipts came with a later version of what adoption installs. */
async function requireInstalled(databaseId: string): Promise<void> {
  const { rows } = await withDatabase(databaseId, (client) =>
    client.query<{ there: boolean }>("SELECT to_regclass('caretaker.purged_batches') IS NOT NULL AS there"),
  );
  if (rows[0]?.there) return;
  throw new Refusal("unsupported", "What is installed in this database is older than purges are.", {
    fix: "Open it under Databases, look at the plan and apply it; then purge.",
  });
}

export async function readScope(databaseId: string, model: Model, dry: boolean): Promise<Scope> {
  const policies = await policiesIn(databaseId);
  return withDatabase(databaseId, (client) => scopeOf(client, model, policies, dry), { limits: limits.long });
}

interface Run {
  job: Job;
  databaseId: string;
  model: Model;
  pace: Pace;
  /** What kept rows where they are, beside holds and rows that point at them. */
  notes: Set<string>;
}

/** Ends with a table whose policies changed meanwhile: the next round goes by those that stand then. */
async function purgeTable(run: Run, name: string, before: number): Promise<number> {
  const gone = { rows: 0 };
  try {
    await goThrough(run, name, before, gone);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "stale_plan")) throw error;
    run.notes.add(error.message);
  }
  return gone.rows;
}

async function goThrough(run: Run, name: string, before: number, gone: { rows: number }): Promise<void> {
  const { job, databaseId, model, pace } = run;
  const parts = await withDatabase(databaseId, async (client) => {
    const [schema = "", ...rest] = name.split(".");
    return partsOf(client, { schema, name: rest.join(".") });
  });
  for (const part of parts) {
    for (let page = 0; page < part.pages; page += pagesInLook) {
      job.signal.throwIfAborted();
      const scope = await readScope(databaseId, model, false);
      const table = scope.tables.find((one) => `${one.schema}.${one.name}` === name);
      if (!table) return;
      const places = await withDatabase(databaseId, (client) => look(client, table, scope, part, page), {
        limits: limits.long,
      });
      for (let at = 0; at < places.length; ) {
        job.signal.throwIfAborted();
        const some = places.slice(at, at + pace.rows);
        const rows = await oneBatch(run, { table, part, places: some });
        if (rows === "too long") continue;
        gone.rows += rows;
        at += some.length;
        const done = before + gone.rows;
        await job.progress({ done, total: null, unit: "rows", line: `${name}: ${done} rows are gone in all` });
      }
    }
  }
}

async function oneBatch(
  { job, databaseId, pace, notes }: Run,
  { table, ...of }: Pick<Parameters<typeof removeBatch>[2], "table" | "part" | "places">,
): Promise<number | "too long"> {
  const id = randomUUID();
  const { schema, name } = table;
  const planned = of.places.length;
  const { holds } = await attempt(
    job.actor,
    { id, runId: job.id, databaseId, schema, table: name, planned },
    table.policies,
  );
  try {
    const { removed, lockedMs } = await removeBatch(job.actor, databaseId, { id, table, ...of, holds });
    await Promise.all([confirm(job.actor, id, removed), pace.rest(lockedMs, planned, job.signal)]);
    return removed.reduce((sum, { rows }) => sum + rows, 0);
  } catch (error) {
    await settle(job.actor, { id, databaseId });
    if (isTooLong(error) && planned > 1) {
      pace.shrink();
      return "too long";
    }
    if (!isPassing(error)) throw error;
    job.log(`${schema}.${name}: ${planned} rows are left for the next round: ${error.message}`);
    if (error instanceof Refusal) notes.add(error.message);
    if (error instanceof Refusal) await enforceHolds(job.actor, databaseId, job.signal);
    return 0;
  }
}

/** 57014 is query_canceled: the statement's own timeout. */
function isTooLong(error: unknown): boolean {
  return error instanceof TooLong || (error instanceof pg.DatabaseError && error.code === "57014");
}

/** What another try may not meet: a lock, a hold that came, a row that somebody let hang from one of these meanwhile. */
function isPassing(error: unknown): error is Error {
  if (error instanceof Refusal) return error.code === "conflict";
  return error instanceof pg.DatabaseError && ["55P03", "40P01", "40001", "23001", "23503"].includes(error.code ?? "");
}
