import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Bench } from "./bench.ts";
import { timeCreation } from "./tenants/create.ts";
import { fillTenants, timeTenants } from "./tenants/list.ts";

const sizes = {
  small: { tenants: 5_000, tables: 12 },
  full: { tenants: 100_000, tables: 50 },
};

/** The list of tenants at size, and how long one with tables of its own takes to be made. */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  const { tenants, tables } = sizes[size];
  await freshControl();
  try {
    const actor = systemActor("bench");
    const created = await timeCreation(actor, tables);
    await fillTenants(tenants);
    const { list_p95_ms, table } = await timeTenants(actor);
    return {
      figures: { tenants, tables_each: tables, list_p95_ms, ...created.figures },
      tables: [table, created.table],
    };
  } finally {
    await closeFleet();
    await closeControl();
  }
};
