import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedBinaries, findBinaries } from "../local/binaries.ts";
import { type Cluster, removeCluster, startCluster } from "../local/cluster.ts";
import type { Settings } from "../local/settings.ts";
import { controlTemplate } from "./databases.ts";

/** vitest's global setup: a throwaway server for the whole run, unless one is named in CARETAKER_TEST_SERVER. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.CARETAKER_TEST_SERVER) return undefined;
  // Hundreds of databases that live for seconds would keep it busier than the tests do.
  const server = await startThrowaway({ autovacuum: "off" });
  process.env.CARETAKER_TEST_SERVER = server.url;
  process.env.CARETAKER_TEST_CONTROL = await controlTemplate();
  // They are the template's; each test file has its own.
  for (const name of ["DATABASE_URL", "CARETAKER_KEY", "CARETAKER_ALLOWED_NETWORKS"]) delete process.env[name];
  process.env.TMPDIR = await temporaryFolder(server);
  return server.remove;
}

/** What tests leave in it goes with the server. Servers of their own run in another account where this is the superuser's. */
async function temporaryFolder({ data }: Cluster): Promise<string> {
  const folder = join(data, "..", "tmp");
  await mkdir(folder);
  await chmod(folder, 0o1777);
  return folder;
}

export interface Throwaway extends Cluster {
  /** Starts it anew at its port, after it was stopped. */
  again(): Promise<Cluster>;
  /** Stops and deletes it. */
  remove(): Promise<void>;
}

/**
 * Starts a server in the system's temporary folder. CARETAKER_TEST_POSTGRES=embedded takes the npm-packaged PostgreSQL
 * instead of the machine's.
 */
export async function startThrowaway(settings: Settings = {}): Promise<Throwaway> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-test-"));
  await chmod(dataDir, 0o711);
  const embedded = process.env.CARETAKER_TEST_POSTGRES === "embedded";
  const binaries = embedded ? await embeddedBinaries() : await findBinaries();
  if (!binaries) throw new Error("The npm-packaged PostgreSQL is missing: run npm ci, with optional packages.");
  const options = { dataDir, binaries, durable: false, settings: { max_connections: "300", ...settings } };
  const cluster = await startCluster(options);
  const again = () => startCluster({ ...options, port: cluster.port });
  const remove = async () => {
    await cluster.stop("immediate");
    await removeCluster(dataDir);
  };
  return { ...cluster, again, remove };
}
