import { desc, eq, inArray } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control } from "../../control.ts";
import { consoleDatabase, listAdopted, withDatabase } from "../../fleet.ts";
import { jobs } from "../../schema/jobs.ts";
import { auditArchives } from "../../schema/retention.ts";
import { isDue } from "../archive/due.ts";
import { monthOf } from "../archive/month.ts";
import type { Archive } from "../archive/registry.ts";
import { type HotMonth, hotMonths } from "../archive/standing.ts";
import { monthJobs } from "../archive/start.ts";
import { departedDatabases } from "../scope.ts";
import { streamsWaiting } from "../stream/waiting.ts";
import type { DatabaseMonths, MonthState, MonthView, RetentionRule } from "./contract.ts";
import { withoutEffect } from "./effect.ts";
import { anyPast } from "./expiry-sql.ts";
import { rulesOf, wholeOf } from "./rules.ts";

/** Every month of every audited log, wherever it is, newest first; of databases that left what the archive holds. */
export async function retentionOverview(actor: Actor): Promise<DatabaseMonths[]> {
  authorise(actor, "audit.read");
  const adopted = await listAdopted();
  const databases = [...adopted.map(({ id, name }) => ({ id, name })), { id: consoleDatabase, name: "Console" }];
  const moving = await movingMonths();
  const departed = await departedDatabases();
  return Promise.all([...databases, ...departed].map((database) => monthsOf(database, moving)));
}

async function monthsOf(
  { id, name, left = false }: { id: string; name: string; left?: boolean },
  moving: ReadonlyMap<string, { jobId: string; kind: string }>,
): Promise<DatabaseMonths> {
  const rules = await rulesOf(id);
  const hotAsked = left ? noHot : askHot(id, wholeOf(rules).hotMonths);
  const [archives, hot] = await Promise.all([archivesWithEnded(id), hotAsked]);
  const attached = new Map((hot.months ?? []).map((month) => [month.month, month]));
  const stored = new Map(archives.map((archive) => [archive.month, archive]));
  const now = new Date();
  const all = [...new Set([...attached.keys(), ...stored.keys()])].sort().reverse();
  const months = all.map((month): MonthView => {
    const job = moving.get(`${id} ${month}`) ?? null;
    const archive = stored.get(month) ?? null;
    const standing = attached.get(month) ?? null;
    const state = stateOf(job?.kind ?? null, standing, archive, rules, now);
    return {
      databaseId: id,
      month,
      state,
      ...amounts(standing, archive),
      sha256: archive?.sha256 ?? null,
      place: archive?.place ?? null,
      file: archive?.key ?? null,
      storedAt: archive?.storedAt ?? null,
      hotUntil: archive?.hotUntil ?? null,
      sealed: archive?.manifest.seal !== undefined && archive?.manifest.seal !== null,
      waitsFor: (state === "due" && hot.waiting.get(month)) || [],
      jobId: job?.jobId ?? null,
      expirable: state === "cold" && archive?.state === "cold" && archive.rows > 0n && anyPast(month, rules, now),
    };
  });
  return {
    databaseId: id,
    databaseName: name,
    rules,
    withoutEffect: left ? null : withoutEffect(name, wholeOf(rules).hotMonths),
    months,
    silent: hot.reason,
    left,
  };
}

/** What stands for each month now, or how it ended. */
function archivesWithEnded(databaseId: string): Promise<Archive[]> {
  return control()
    .selectDistinctOn([auditArchives.month])
    .from(auditArchives)
    .where(eq(auditArchives.databaseId, databaseId))
    .orderBy(desc(auditArchives.month), desc(auditArchives.storedAt));
}

interface Hot {
  months: HotMonth[] | null;
  /** Streams that have not sent a month yet, by the month. */
  waiting: ReadonlyMap<string, string[]>;
  reason: string | null;
}

const noHot: Hot = { months: [], waiting: new Map(), reason: null };

async function askHot(databaseId: string, hot: number | null): Promise<Hot> {
  try {
    const months = await withDatabase(databaseId, hotMonths, { timeoutMs: 3_000 });
    const due = months.map(({ month }) => month).filter((month) => isDue(month, hot, new Date()));
    return { months, waiting: await streamsWaiting(databaseId, due), reason: null };
  } catch (error) {
    return { months: null, waiting: new Map(), reason: error instanceof Error ? error.message : String(error) };
  }
}

function stateOf(
  job: string | null,
  standing: HotMonth | null,
  archive: Archive | null,
  rules: readonly RetentionRule[],
  now: Date,
): MonthState {
  if (job !== null) return job === "audit.return" ? "returning" : "archiving";
  if (standing === null) return archive?.state === "expired" ? "expired" : "cold";
  if (standing.month > monthOf(now)) return "ahead";
  if (archive?.hotUntil && Date.parse(archive.hotUntil) > now.getTime()) return "hot";
  return isDue(standing.month, wholeOf(rules).hotMonths, now) ? "due" : "hot";
}

function amounts(standing: HotMonth | null, archive: Archive | null): { rows: string; bytes: string } {
  if (standing) return { rows: String(standing.rows), bytes: String(standing.bytes) };
  return { rows: archive?.rows.toString() ?? "0", bytes: archive?.bytes.toString() ?? "0" };
}

async function movingMonths(): Promise<Map<string, { jobId: string; kind: string }>> {
  const rows = await control()
    .select({ id: jobs.id, kind: jobs.kind, state: jobs.state, input: jobs.input })
    .from(jobs)
    .where(inArray(jobs.state, ["queued", "running"]));
  return new Map(
    rows
      .filter(({ kind }) => monthJobs.includes(kind))
      .map(({ id, kind, input }) => [`${input.databaseId} ${input.month}`, { jobId: id, kind }]),
  );
}
