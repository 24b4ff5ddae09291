import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serverAccount } from "./account.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { makeHome, reachableBinaries } from "./home.ts";
import { clusterMajor, initialise } from "./initialise.ts";
import { takeLock } from "./lock.ts";
import { endServer, stopOrphan } from "./orphan.ts";
import { choosePort } from "./port.ts";
import { launch } from "./server.ts";
import { type Settings, settingsFor } from "./settings.ts";

export interface ClusterOptions {
  /** A folder of our own; the cluster is its subfolder. Made when missing. */
  dataDir: string;
  /** Must be free; else the port of the last run, else any. */
  port?: number;
  /** Else `findBinaries` chooses, by the version of existing data. */
  binaries?: Binaries;
  /** PostgreSQL settings over ours, such as `{ wal_level: "logical" }`. */
  settings?: Settings;
  /** False for throwaway clusters: no fsync anywhere. */
  durable?: boolean;
  /** Ends a start that has not come to its end; nothing of it runs on then. */
  signal?: AbortSignal;
}

export interface Cluster {
  /** Superuser's URL of the database postgres, with its password. */
  url: string;
  port: number;
  pid: number;
  version: string;
  binaries: Binaries;
  /** The server's log file. */
  log: string;
  /** The cluster's PGDATA. */
  data: string;
  /** Settles when the server process ends, also by `stop`. */
  exited: Promise<void>;
  /** "immediate" is a crash that the next start recovers from. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
}

/**
 * Starts a private PostgreSQL server on loopback, making its cluster at the first start.
 *
 * @throws Refusal with one sentence and its fix when PostgreSQL is missing, of the wrong version, or cannot start.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const account = await serverAccount();
  const home = await makeHome(options.dataDir, account);
  const release = await takeLock(join(home, "lock"), "This PostgreSQL cluster");
  try {
    const binaries = options.binaries ?? (await findBinaries((await clusterMajor(home)) ?? undefined));
    const directory = await reachableBinaries(binaries, home, account);
    const password = await keepPassword(home);
    const { durable = true, signal = new AbortController().signal } = options;
    const data = await initialise({ home, binaries: { ...binaries, directory }, account, password, durable, signal });
    await stopOrphan(data);
    const port = await choosePort(home, options.port);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const log = join(home, "postgres.log");
    const settings = { ...(await settingsFor(directory, durable)), ...options.settings };
    const server = await launch({ directory, account, home, data, port, settings, log, url, signal });
    const exited = server.exited.then(release);
    const stop = async (mode: "fast" | "immediate" = "fast") => {
      if (!server.hasExited()) await endServer(server.pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
      await exited;
    };
    return { url, port, pid: server.pid, version: binaries.version, binaries, log, data, exited, stop };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Removes a cluster with everything in it, and first ends the server that a killed run may have left. */
export async function removeCluster(dataDir: string): Promise<void> {
  const elsewhere = await readFile(join(dataDir, "location"), "utf8").catch(() => null);
  for (const folder of elsewhere ? [elsewhere.trim(), dataDir] : [dataDir]) {
    await stopOrphan(join(folder, "cluster"));
    await rm(folder, { recursive: true, force: true });
  }
}

/** The superuser's random password, readable by us alone. It is written before initdb uses it. */
async function keepPassword(home: string): Promise<string> {
  const file = join(home, "password");
  const kept = await readFile(file, "utf8").catch(() => null);
  if (kept) return kept;
  const password = randomBytes(24).toString("base64url");
  await writeFile(file, password, { mode: 0o600 });
  return password;
}
