import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { signal } from "#db/local/process.ts";
import type { Settings } from "#db/local/settings.ts";

/** A PostgreSQL server of our own, made to be killed. What it answered is on the disk. */
export interface Mortal {
  url: string;
  port: number;
  /** The postmaster and each of its children, now. */
  pids(): number[];
  /** SIGKILL to the postmaster and each of its children, at once. */
  kill(): Promise<void>;
  /** Starts it again where it was; it recovers as after a power failure. */
  recover(): Promise<void>;
  remove(): Promise<void>;
}

/** Without `durable` what it answered is with the operating system, which outlives it. */
export async function startMortal({ durable = true, more = {} as Settings } = {}): Promise<Mortal> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  // Recovery begins with a sync of all data: one call for the file system rather than one a file, where there is one.
  const sync: Settings = process.platform === "linux" ? { recovery_init_sync_method: "syncfs" } : {};
  const settings = { ...sync, synchronous_commit: "on", ...more };
  const start = (port?: number) => startCluster({ dataDir, durable, settings, ...(port ? { port } : {}) });
  let cluster = await start();
  const pids = () => [cluster.pid, ...childrenOf(cluster.pid)];
  return {
    url: cluster.url,
    port: cluster.port,
    pids,
    async kill() {
      for (const pid of pids()) signal(pid, "SIGKILL");
      await cluster.exited;
    },
    async recover() {
      cluster = await start(cluster.port);
    },
    async remove() {
      await cluster.stop("immediate");
      await removeCluster(dataDir);
    },
  };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    // Not Linux, or a kernel without this file.
    const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    return lines
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([child = 0, of]) => (of === pid ? [child] : []));
  }
}
