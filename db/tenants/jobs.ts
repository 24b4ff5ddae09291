import { inControl } from "../control.ts";
import { listAdopted } from "../fleet.ts";
import type { JobKind, RunningJob } from "../jobs/kind.ts";
import { limits } from "../transaction.ts";
import { sizeTenantsInput } from "./contract.ts";
import { reconcileSuspensions } from "./reconcile.ts";
import { measureOwn, measureShared, placedTenants, sharedTables } from "./size.ts";
import { type MeasuredTable, storeSizes } from "./store-sizes.ts";

/** Without a database, every adopted one: what the schedule asks for. */
const inputSchema = sizeTenantsInput.partial();

/** Read-only until a database's sizes are stored, so after a crash it simply measures again. */
export const size: JobKind = {
  kind: "tenants.size",
  async run(job) {
    const { databaseId } = inputSchema.parse(job.input);
    const databaseIds = databaseId ? [databaseId] : (await listAdopted()).map(({ id }) => id);
    const failed: string[] = [];
    const totals = { tenants: 0, bytes: 0, repaired: 0 };
    for (const id of databaseIds) {
      try {
        const measured = await sizeDatabase(job, id);
        totals.tenants += measured.tenants;
        totals.bytes += measured.bytes;
        totals.repaired += measured.repaired;
      } catch (error) {
        if (databaseId || job.signal.aborted) throw error;
        failed.push(id);
        job.log(`No sizes of ${id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { ...totals, failed };
  },
};

/** All tenants of one database at once, so that a list never mixes two measurements of it. */
async function sizeDatabase(job: RunningJob, databaseId: string) {
  const repaired = await reconcileSuspensions(job.actor, databaseId);
  const tenants = await placedTenants(databaseId);
  const shared = tenants.filter(({ tier }) => tier === "shared");
  const own = tenants.filter(({ tier }) => tier !== "shared");
  const tables = shared.length > 0 ? await sharedTables(databaseId) : [];
  const measured: MeasuredTable[] = await measureOwn(databaseId, own);
  for (const [done, table] of tables.entries()) {
    job.signal.throwIfAborted();
    const line = `Sampling ${table.schema}.${table.name}`;
    await job.progress({ done, total: tables.length, unit: "statements", line });
    measured.push(...(await measureShared(databaseId, table, shared)));
  }
  const tenantIds = tenants.map(({ id }) => id);
  await inControl(job.actor, (_tx, client) => storeSizes(client, tenantIds, measured), { limits: limits.long });
  return { tenants: tenants.length, bytes: measured.reduce((sum, { bytes }) => sum + bytes, 0), repaired };
}

export const tenantJobs: JobKind[] = [size];
