import { dueArchives } from "#db/audit/archive/due.ts";
import { exportJobs, sweepExports } from "#db/audit/export/jobs.ts";
import { indexLogs } from "#db/audit/index-staged.ts";
import { ensurePartitions } from "#db/audit/jobs.ts";
import { dueVerifications, everyAuditedDatabase, proofJobs, sealLogs } from "#db/audit/proof/jobs.ts";
import { deliverCheckpoints } from "#db/audit/proof/places/deliver-due.ts";
import { retentionJobs } from "#db/audit/retention/jobs.ts";
import { streamEntries } from "#db/audit/stream/pump.ts";
import { expireBackup, overdueBackups } from "#db/backups/expire.ts";
import { backupJobs, sweepBackups } from "#db/backups/jobs.ts";
import { dueIsolationChecks } from "#db/databases/isolation/jobs.ts";
import { databaseJobs } from "#db/databases/jobs.ts";
import { listAdopted } from "#db/fleet.ts";
import { healthJobs, sample } from "#db/health/jobs.ts";
import type { JobKind } from "#db/jobs/kind.ts";
import type { Schedule } from "#db/jobs/schedule.ts";
import { tidyOperations } from "#db/jobs/tidy.ts";
import { moveJobs, moveSchedules } from "#db/moves/jobs.ts";
import { stopped } from "#db/moves/move.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { startMove } from "#db/moves/verbs/start.ts";
import { type Mover, rebalanceSchedules } from "#db/placing/rebalance/run.ts";
import { placingSchedules } from "#db/placing/sample.ts";
import { erasureJobs, erasureSchedules } from "#db/records/erasure/jobs.ts";
import { holdSchedules } from "#db/records/holds/jobs.ts";
import { restoreJobs, restoreSchedules } from "#db/records/restore/jobs.ts";
import { purgeJobs, purgeSchedules } from "#db/records/retention/jobs.ts";
import { dueSizes } from "#db/tenants/due.ts";
import { tenantJobs } from "#db/tenants/jobs.ts";
import { sweepLeavings } from "#db/tenants/leave/sweep.ts";
import { sweepTenants } from "#db/tenants/make/job.ts";

// The one place that knows every kind of long work, and what recurs when.

export const kinds: JobKind[] = [
  ...databaseJobs,
  ...tenantJobs,
  ...healthJobs,
  ...backupJobs,
  ...exportJobs,
  ...retentionJobs,
  ...proofJobs,
  ...restoreJobs,
  ...erasureJobs,
  ...purgeJobs,
  ...moveJobs,
];

const importTenants = kinds.filter(({ kind }) => kind === "tenants.sync");

export const schedules: Schedule[] = [
  { name: "health.sample", cron: "*/5 * * * *", run: sample },
  { name: "audit.partitions", cron: "23 * * * *", run: ensurePartitions },
  { name: "audit.archive", cron: "37 2 * * *", enqueue: dueArchives },
  { name: "audit.index", cron: "* * * * *", run: indexLogs },
  { name: "audit.seal", cron: "* * * * *", run: sealLogs, inputs: everyAuditedDatabase, beside: true },
  { name: "audit.checkpoints", cron: "* * * * *", run: deliverCheckpoints },
  { name: "audit.verify", cron: "7 3 * * *", enqueue: dueVerifications },
  { name: "databases.isolation", cron: "17 4 * * *", enqueue: dueIsolationChecks },
  { name: "tenants.size", cron: "*/2 * * * *", enqueue: dueSizes },
  { name: "tenants.sweep", cron: "*/2 * * * *", run: sweepTenants },
  { name: "tenants.leave-sweep", cron: "*/5 * * * *", run: sweepLeavings },
  { name: "backups.sweep", cron: "*/5 * * * *", run: sweepBackups },
  { name: "backups.expire", cron: "47 3 * * *", run: expireBackup, inputs: overdueBackups },
  { name: "audit.streams", cron: "* * * * *", run: streamEntries },
  { name: "audit.export-sweep", cron: "*/5 * * * *", run: sweepExports },
  { name: "jobs.tidy", cron: "41 * * * *", run: tidyOperations },
  ...restoreSchedules,
  ...moveSchedules,
  ...placingSchedules,
  ...rebalanceSchedules(toServer, stopped),
  ...holdSchedules,
  ...erasureSchedules,
  ...purgeSchedules,
  ...importTenants.map((run): Schedule => ({ name: run.kind, cron: "*/15 * * * *", run, inputs: everyDatabase })),
];

async function everyDatabase(): Promise<{ databaseId: string }[]> {
  return (await listAdopted()).map(({ id }) => ({ databaseId: id }));
}

/** To a database of its own on that server, switched over as soon as everything there is verified. */
function toServer(...[actor, { tenantId, serverId, reason }]: Parameters<Mover>): ReturnType<Mover> {
  const wanted = { tenantId, tier: "database" as const, serverId };
  return planMove(actor, wanted)
    .then(({ hash }) => startMove(actor, { ...wanted, planHash: hash, cutover: "ready", graceHours: 72, reason }))
    .then(({ moveId }) => moveId);
}
