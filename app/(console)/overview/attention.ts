import { counted, percent } from "#components/numbers/format.ts";
import type { Approval } from "#db/approvals/contract.ts";
import type { ProofStanding } from "#db/audit/proof/contract.ts";
import { verdictOf } from "#db/audit/proof/verdict.ts";
import type { BackupOverview } from "#db/backups/contract.ts";
import type { DatabaseIsolation } from "#db/databases/isolation/read.ts";
import type { AdoptionStatus } from "#db/databases/status.ts";
import type { Result } from "#db/errors.ts";
import type { FleetHealth } from "#db/health/contract.ts";
import type { JobView } from "#db/jobs/contract.ts";
import type { MoveRow } from "#db/moves/contract.ts";
import { type ServerStanding, worstPressure } from "#db/placing/contract.ts";
import type { DueReplays } from "#db/records/erasure/closing/contract.ts";
import { jobHref } from "../jobs/result-link.ts";
import { placeOf } from "../performance/place.ts";

export interface Concern {
  kind: "critical" | "warning" | "unknown";
  what: string;
  why: string;
  href: string;
}

const order = ["critical", "warning", "unknown"] as const;

/** The worst first; within one rank as they were found. */
export function byUrgency(concerns: readonly Concern[]): Concern[] {
  return order.flatMap((kind) => concerns.filter((concern) => concern.kind === kind));
}

/** A source that could not be asked is itself something to look at: silence is never good news. */
export function concernsOf<T>(what: string, href: string, result: Result<T>, read: (data: T) => Concern[]): Concern[] {
  if (result.ok) return read(result.data);
  return [{ kind: "unknown", what, why: result.message, href }];
}

export function healthConcerns(health: FleetHealth): Concern[] {
  const silent = health.silent.map(({ databaseId, name, reason }): Concern => {
    return {
      kind: "critical",
      what: `${name} does not answer`,
      why: reason,
      href: `/performance?database=${databaseId}`,
    };
  });
  const found = health.databases.flatMap(({ databaseId, name, checks }) =>
    checks.flatMap(({ id, verdict, title, finding }): Concern[] => {
      if (verdict !== "critical" && verdict !== "warning") return [];
      const href = placeOf(id)?.href ?? `/performance?database=${databaseId}`;
      return [{ kind: verdict, what: `${name}: ${title}`, why: finding, href }];
    }),
  );
  return [...silent, ...found];
}

/** Alarms of logs whose databases did not answer with their health: they must not go silent with them. */
export function proofConcerns(
  standings: readonly ProofStanding[],
  answered: ReadonlySet<string>,
  nowMs: number,
): Concern[] {
  return standings
    .filter(({ databaseId }) => !answered.has(databaseId))
    .flatMap((standing): Concern[] => {
      const { kind, words, why } = verdictOf(standing, nowMs);
      if (kind !== "critical" && kind !== "warning") return [];
      return [{ kind, what: `${standing.name}, audit log: ${words}`, why, href: "/audit/proof" }];
    });
}

/** Leaks in databases that did not answer with their health: they must not go silent with them. */
export function isolationConcerns(databases: readonly DatabaseIsolation[], answered: ReadonlySet<string>): Concern[] {
  return databases.flatMap(({ databaseId, name, run }): Concern[] => {
    if (answered.has(databaseId) || run === null || run.critical === 0) return [];
    const href = `/tenants/isolation/${databaseId}`;
    const why = `${counted(run.critical, "critical finding")} of the newest check`;
    return [{ kind: "critical", what: `${name}: one tenant reaches another's rows`, why, href }];
  });
}

const serverLimit = 0.7;

/** Servers that are fuller than tenants are placed up to. */
export function serverConcerns(servers: readonly ServerStanding[]): Concern[] {
  return servers.flatMap(({ name, pressure }): Concern[] => {
    const worst = worstPressure(pressure);
    if (worst === null || worst <= serverLimit) return [];
    const what = worst === pressure.disk ? "its disk" : "its load";
    const why = "Look at which tenants to move to other servers.";
    return [
      {
        kind: worst > 0.9 ? "critical" : "warning",
        what: `${name} is at ${percent(worst, 0)} of ${what}`,
        why,
        href: "/tenants/servers",
      },
    ];
  });
}

/** Databases that were put back to a state before erasures: whoever was erased is in them again. And those that are closed for it. */
export function erasureConcerns({ due }: DueReplays): Concern[] {
  return due.map(({ database, databaseName, from, erasures, elsewhere, closed, admits, sessions }): Concern => {
    const href = "/deleted/erasures";
    if (erasures === 0) {
      const next =
        elsewhere.length === 0
          ? "Nothing is due in it any more."
          : `${counted(elsewhere.length, "person is", "people are")} to be searched for in it first.`;
      const why = `${closed?.by} closed it: ${closed?.reason} ${next}`;
      return { kind: "warning", what: `${databaseName} is closed to its application`, why, href };
    }
    const isShut = closed !== null && admits.length === 0 && sessions === 0;
    const who = admits.length === 0 ? "its application is connected" : `${admits.slice(0, 3).join(", ")} can connect`;
    return {
      kind: "critical",
      what: `${databaseName} ${from === database ? "was put back" : "is a copy"}: ${counted(erasures, "erasure")} ${erasures === 1 ? "is" : "are"} to be applied again`,
      why: isShut
        ? "It is closed to its application until they are."
        : `People who were erased are in it again, and ${who} to it.`,
      href,
    };
  });
}

export function approvalConcerns(approvals: readonly Approval[], staffId: string | null): Concern[] {
  return approvals
    .filter(({ state, proposedBy }) => state === "proposed" && proposedBy.id !== staffId)
    .map(({ subject, verb, reason, proposedBy }) => ({
      kind: "warning",
      what: `${proposedBy.name} asks to approve ${verb} of ${subject}`,
      why: reason,
      href: "/settings/approvals",
    }));
}

/** A database without a good backup of the last day, or whose last attempt failed. */
export function backupConcerns({ databases }: BackupOverview): Concern[] {
  return databases.flatMap(({ name, standing, lastAttempt, databaseId }): Concern[] => {
    const href = `/backups?database=${databaseId}`;
    const failed = lastAttempt?.state === "failed" || lastAttempt?.state === "damaged";
    if (failed)
      return [{ kind: "critical", what: `The last backup of ${name} failed`, why: lastAttempt.error ?? "", href }];
    if (standing === "good") return [];
    const what = standing === "old" ? `${name} was not backed up today` : `${name} was never backed up`;
    return [{ kind: "warning", what, why: "What happened since can not be brought back from a backup.", href }];
  });
}

/** Databases whose tables are no longer as their model says, so that writes may go unrecorded. */
export function adoptionConcerns(
  databases: readonly { id: string; name: string; status: AdoptionStatus }[],
): Concern[] {
  return databases.flatMap(({ id, name, status }): Concern[] => {
    if (status.state !== "drifted" && status.state !== "interrupted") return [];
    const what =
      status.state === "drifted" ? `${name} has drifted from its model` : `The adoption of ${name} is half done`;
    return [{ kind: "warning", what, why: status.sentence, href: `/databases/${id}` }];
  });
}

const failedJobMs = 3 * 24 * 60 * 60 * 1000;

/** Jobs that failed lately and were not followed by one of the same title that was done. */
export function jobConcerns(jobs: readonly JobView[], nowMs: number): Concern[] {
  const answered = new Set<string>();
  const failed: JobView[] = [];
  for (const job of jobs) {
    if (answered.has(job.title)) continue;
    if (job.state === "done") answered.add(job.title);
    if (job.state !== "failed") continue;
    answered.add(job.title);
    if (nowMs - Date.parse(job.createdAt) < failedJobMs) failed.push(job);
  }
  return failed.map((job) => ({
    kind: "critical",
    what: `${job.title} failed`,
    why: job.error ?? `after ${counted(job.attempts, "attempt")}`,
    href: jobHref(job),
  }));
}

/** Moves that stopped, and those whose way back was kept open for as long as was asked. */
export function moveConcerns(moves: readonly MoveRow[], nowMs: number): Concern[] {
  return moves.flatMap(({ id, tenantName, from, error, completableAt }): Concern[] => {
    const href = `/tenants/moves/${id}`;
    if (error !== null) return [{ kind: "critical", what: `The move of ${tenantName} stopped`, why: error, href }];
    if (completableAt === null || Date.parse(completableAt) > nowMs) return [];
    const why = `What it left in ${from.databaseName} still takes room there.`;
    return [{ kind: "warning", what: `The move of ${tenantName} can be completed`, why, href }];
  });
}
