import { z } from "zod";
import { inControl } from "../control.ts";
import type { JobKind } from "../jobs/kind.ts";
import { limits } from "../transaction.ts";
import { sizeTenantsInput } from "./contract.ts";
import { reconcileSuspensions } from "./reconcile.ts";
import { measureOwn, measureShared, placedTenants, sharedTables } from "./size.ts";
import { type MeasuredTable, storeSizes } from "./store-sizes.ts";

/**
 * Measures every tenant of one database and stores all of it at once, so that a list never mixes two measurements.
 * Being read-only until then, it simply starts over after a crash.
 */
const size: JobKind = {
  kind: "tenants.size",
  async run(job) {
    const { databaseId } = z.parse(sizeTenantsInput, job.input);
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
    await inControl(
      job.actor,
      (_tx, client) =>
        storeSizes(
          client,
          tenants.map(({ id }) => id),
          measured,
        ),
      {
        limits: limits.long,
      },
    );
    const bytes = measured.reduce((sum, table) => sum + table.bytes, 0);
    return { tenants: tenants.length, tables: tables.length, bytes, repaired };
  },
};

export const tenantJobs: JobKind[] = [size];
