import { join, resolve } from "node:path";
import { type DemoAccount, makeDemoAccounts } from "#db/local/accounts.ts";
import type { Cluster } from "#db/local/cluster.ts";
import { exists } from "#db/local/home.ts";
import { writeWhole } from "./folder.ts";
import type { Options } from "./options.ts";

/**
 * Fills a new private cluster and returns the demo accounts, or null when that was done before. The marker lies beside
 * the cluster and goes with it.
 */
export async function firstRun(options: Options, cluster: Cluster | null): Promise<DemoAccount[] | null> {
  if (!cluster || (await exists(markerOf(options)))) return null;
  return makeDemoAccounts();
}

/**
 * Shows the passwords, and only then notes that the first run is over: a run killed before makes new ones, since
 * nobody has seen the old.
 */
export async function tellAccounts(options: Options, accounts: DemoAccount[]): Promise<void> {
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
