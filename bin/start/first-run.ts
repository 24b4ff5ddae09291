import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Refusal } from "#db/errors.ts";
import type { Cluster } from "#db/local/cluster.ts";
import { exists } from "#db/local/home.ts";
import { systemActor } from "#db/mint.ts";
import { bootstrapDemoStaff, createSetupLink, type DemoAccount } from "#db/staff/first.ts";
import { isSeeded, seed } from "./demo.ts";
import { writeWhole } from "./folder.ts";
import type { Options } from "./options.ts";

/** How the first person gets in: the demo accounts of a new private cluster, or a link where nobody is there yet. */
export interface WayIn {
  accounts?: DemoAccount[];
  setupPath?: string;
}

/**
 * Fills a new private cluster, or makes a setup link for a control database of the user's own that has no administrator.
 * The marker of the first run lies beside the cluster and goes with it.
 */
export async function firstRun(options: Options, cluster: Cluster | null): Promise<WayIn> {
  const actor = systemActor("npm start");
  if (cluster && !(await isSeeded(options))) {
    await rm(markerOf(options), { force: true }); // the control database is new, whatever an older run noted
    await seed(options, cluster);
  }
  if (cluster) return (await exists(markerOf(options))) ? {} : { accounts: await bootstrapDemoStaff(actor) };
  try {
    const { token } = await createSetupLink(actor);
    return { setupPath: `/join/${token}` };
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict") return {}; // there is an administrator
    throw error;
  }
}

/**
 * Shows the way in, and only then notes that the first run is over: a run killed before makes new passwords, since
 * nobody has seen the old.
 */
export async function tellWayIn(options: Options, url: string, { accounts, setupPath }: WayIn): Promise<void> {
  if (setupPath)
    console.log(`\nNobody can sign in yet. The first administrator joins here, within a day:\n\n  ${url}${setupPath}`);
  if (!accounts) return;
  console.log("\nSign in with one of these accounts. The passwords are shown this once:\n");
  for (const { role, email, password } of accounts) console.log(`  ${role.padEnd(15)}${email.padEnd(36)}${password}`);
  if (options.accountsFile) await writeWhole(resolve(options.accountsFile), asJson(accounts));
  await writeWhole(markerOf(options), new Date().toISOString());
}

function markerOf(options: Options): string {
  return join(options.data, "postgres", "first-run");
}

function asJson(accounts: DemoAccount[]): string {
  return JSON.stringify(Object.fromEntries(accounts.map(({ role, email, password }) => [role, { email, password }])));
}
