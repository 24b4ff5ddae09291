import { z } from "zod";
import { authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { type ExportFormat, exportInput, leavings } from "./contract.ts";
import { dropTenant } from "./drop.ts";
import { type Dumped, writeDump } from "./dump.ts";
import { refuseMoved } from "./exclude.ts";
import { type Exported, writeNdjson } from "./export.ts";
import { forgetFiles, readFiles, removeFiles } from "./files.ts";
import { keepPaper } from "./papers.ts";
import { countPlan, refuseBlocked } from "./plan.ts";
import { proveArchive } from "./prove.ts";
import { forgetPlace } from "./record.ts";
import { goodBackups } from "./stays.ts";
import { isSame, type LivingTenant, livingTenant, type Tally } from "./tables.ts";

const writers: Record<ExportFormat, (job: RunningJob, tenant: LivingTenant) => Promise<Exported | Dumped>> = {
  ndjson: writeNdjson,
  dump: writeDump,
};

/** Everything of one tenant as one consistent file. */
const exportJob: JobKind = {
  kind: "tenants.export",
  async run(job) {
    authorise(job.actor, "tenants.write");
    const { tenantId, format } = exportInput.parse(job.input);
    const tenant = await livingTenant(tenantId);
    const exported = await job.step("write the file", async () => ({ ...(await writers[format](job, tenant)) }));
    return await job.stepInControl("keep it", async (_tx, client) => {
      const { object, bytes, sha256, rows, tables } = exported;
      const facts = { format, tables, from: tenant.databaseName };
      await keepPaper(client, job.actor, { tenantId, kind: "export", object, bytes, sha256, rows, facts });
      return { tenantId, rows, bytes };
    });
  },
};

const leaveSchema = z.object({ tenantId: z.uuid(), how: z.enum(leavings), reason: z.string() });

/**
 * Takes a tenant out of service for good: to archive it, its rows are written to a file that is restored and compared before anything
 * goes; to delete it, they go. What is removed is what was counted, or nothing is.
 */
const leave: JobKind = {
  kind: "tenants.leave",
  async run(job) {
    authorise(job.actor, "tenants.write");
    const { tenantId, how, reason } = leaveSchema.parse(job.input);
    const { tenant } = await job.step("look it up", async () => ({ tenant: await livingTenant(tenantId) }));
    const { counted, surroundings } = await job.step("check the plan", async () => {
      const { plan, ...known } = await countPlan(tenant, how, job.signal);
      if (plan.hash !== job.planHash) throw stale();
      refuseBlocked(plan);
      return known;
    });
    const { tallies } = counted;
    const archived = how === "archive" ? await archive(job, tenant, tallies) : null;
    await job.step("remove its rows", async () => {
      await inControl(job.actor, (_tx, client) => refuseMoved(client, tenant));
      await dropTenant(job, tenant, counted, reason);
      return {};
    });
    const removed = how === "delete" ? await job.step("remove its files", () => removeFiles(tenantId)) : { files: [] };
    return await job.stepInControl("write the certificate", async (_tx, client) => {
      if (how === "delete") await forgetFiles(client, tenantId);
      const rows = Object.values(tallies).reduce((sum, one) => sum + one.rows, 0);
      const facts = {
        what: how === "archive" ? "archived, then removed" : "removed",
        tenantKey: tenant.key,
        place: { tier: tenant.tier, database: tenant.databaseName, schema: tenant.schema },
        tables: tallies,
        planHash: job.planHash,
        reason,
        archive: archived && { object: archived.object, sha256: archived.sha256 },
        removedFiles: removed.files,
        stillHeldBy: {
          backups: await goodBackups(client, tenant),
          auditLog: surroundings.auditLog,
          files: await readFiles(client, tenantId),
        },
        goneWithItsDatabase: surroundings.goesToo,
      };
      const paper = { tenantId, kind: "certificate" as const, object: null, bytes: null, sha256: null, rows, facts };
      await keepPaper(client, job.actor, paper);
      await forgetPlace(client, tenant, how, reason);
      return { tenantId, rows };
    });
  },
};

async function archive(job: RunningJob, tenant: LivingTenant, tallies: Record<string, Tally>): Promise<Dumped> {
  const archived = await job.step("write the archive", async () => ({ ...(await writeDump(job, tenant)) }));
  for (const [table, counted] of Object.entries(tallies)) if (!isSame(archived.tables[table], counted)) throw stale();
  const proof = await job.step("restore and compare it", () => proveArchive(tenant, archived, job.signal));
  await job.stepInControl("keep it", async (_tx, client) => {
    const { object, bytes, sha256, rows, tables } = archived;
    const facts = { format: "sql", tables, proven: { ...proof, by: "restored into a scratch database and compared" } };
    await keepPaper(client, job.actor, { tenantId: tenant.id, kind: "archive", object, bytes, sha256, rows, facts });
    return {};
  });
  return archived;
}

function stale(): Refusal {
  return new Refusal("stale_plan", "The tenant's rows have changed since the plan was shown.", {
    fix: "Nothing was removed. Look at the new plan.",
  });
}

export const leaveJobs: JobKind[] = [exportJob, leave];
