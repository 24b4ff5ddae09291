import { inControl } from "../control.ts";
import type { JobKind } from "../jobs/kind.ts";
import { limits } from "../transaction.ts";
import { roomsFor, storeAdvice } from "./advice/store.ts";
import { sizeTenantsInput } from "./contract.ts";
import { leaveJobs } from "./leave/job.ts";
import { makeJobs } from "./make/job.ts";
import { readRates, storeRates } from "./rate.ts";
import { reconcileSuspensions } from "./reconcile.ts";
import { measureOwn, measureShared, placedTenants, sharedTables } from "./size.ts";
import { type MeasuredTable, storeSizes } from "./store-sizes.ts";

/**
 * Measures all tenants of one database and stores them at once, so that a list never mixes two measurements of it.
 * Being read-only until then, it simply measures again after a crash.
 */
const size: JobKind = {
  kind: "tenants.size",
  async run(job) {
    const { databaseId } = sizeTenantsInput.parse(job.input);
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
    const rates = await readRates(databaseId);
    const rooms = await roomsFor(databaseId);
    await inControl(
      job.actor,
      async (_tx, client) => {
        await storeSizes(client, tenantIds, measured);
        await storeRates(client, databaseId, rates);
        await storeAdvice(client, databaseId, rooms);
      },
      { limits: limits.long },
    );
    return { tenants: tenants.length, bytes: measured.reduce((sum, { bytes }) => sum + bytes, 0), repaired };
  },
};

export const tenantJobs: JobKind[] = [size, ...makeJobs, ...leaveJobs];
