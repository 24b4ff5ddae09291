import { spawn } from "node:child_process";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../errors.ts";
import type { Account } from "./account.ts";
import { explain } from "./explain.ts";
import { exists, makeFolder } from "./home.ts";

interface Initialisation {
  home: string;
  binaries: { directory: string; major: number };
  account: Account | null;
  password: string;
  durable: boolean;
  signal: AbortSignal;
}

/**
 * Makes the cluster at `home`/cluster unless it is there. initdb works in `cluster.part`, which becomes `cluster` only
 * when it is whole, so a killed one is simply done again.
 */
export async function initialise(options: Initialisation): Promise<string> {
  const cluster = join(options.home, "cluster");
  if (await exists(cluster)) {
    await checkVersion(cluster, options.binaries.major);
    return cluster;
  }
  const part = `${cluster}.part`;
  await rm(part, { recursive: true, force: true });
  await makeFolder(part, 0o700, options.account);
  await runInitdb(part, options);
  await rename(part, cluster);
  return cluster;
}

/** The major version that made the cluster of this folder; null when there is none yet. */
export async function clusterMajor(home: string): Promise<number | null> {
  const text = await readFile(join(home, "cluster", "PG_VERSION"), "utf8").catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
}

async function checkVersion(cluster: string, major: number): Promise<void> {
  const made = Number.parseInt(await readFile(join(cluster, "PG_VERSION"), "utf8"), 10);
  if (made === major) return;
  throw new Refusal("unsupported", `The data in ${cluster} was made by PostgreSQL ${made}, and this is ${major}.`, {
    fix: `Install PostgreSQL ${made} (or set PGBIN to it), or begin anew with npm run demo:reset.`,
  });
}

async function runInitdb(part: string, initialisation: Initialisation): Promise<void> {
  const { binaries, home, account, password, durable, signal } = initialisation;
  const passwordFile = join(home, "initdb.password");
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const locale = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
  const flags = ["--auth=scram-sha-256", "--encoding=UTF8", `--locale=${locale}`, "--username=postgres"];
  const child = spawn(
    join(binaries.directory, "initdb"),
    ["-D", part, `--pwfile=${passwordFile}`, ...flags, durable ? "--data-checksums" : "--no-sync"],
    { cwd: home, env: serverEnvironment(), stdio: ["ignore", "pipe", "pipe"], signal, ...(account ?? {}) },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done)).finally(
    () => rm(passwordFile, { force: true }),
  );
  if (code !== 0) throw explain("initdb could not make the database folder", output, part);
}

/** PostgreSQL's own variables (PGPORT, PGDATA …) of the shell must not reach a private server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  return {
    NODE_ENV: process.env.NODE_ENV,
    PATH,
    HOME,
    TMPDIR,
    TZ,
    LC_ALL: process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8",
  };
}
