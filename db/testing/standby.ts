import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { serverAccount } from "../local/account.ts";
import { type Cluster, removeCluster, startCluster } from "../local/cluster.ts";

/** A streaming replica of a throwaway server. */
export interface Standby {
  /** Connected to it, as superuser. */
  client: pg.Client;
  remove(): Promise<void>;
}

/**
 * Makes a replica of a server that nobody writes to yet, and starts it. It is a copy of the server's files between the start and the stop of
 * a backup, as pg_basebackup makes it: the npm-packaged PostgreSQL has no such tool.
 */
export async function startStandby(primary: Cluster, name: string): Promise<Standby> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-standby-"));
  await chmod(dataDir, 0o711);
  const data = join(dataDir, "cluster");
  const client = new pg.Client(primary.url);
  await client.connect();
  await client.query("SELECT pg_backup_start($1, true)", [name]);
  await promisify(execFile)("cp", ["-a", primary.data, data]);
  const { rows } = await client.query<{ label: string }>("SELECT labelfile AS label FROM pg_backup_stop(false)");
  await client.end();
  for (const file of ["postmaster.pid", "postmaster.opts"]) await rm(join(data, file));
  await writeOwn(join(data, "backup_label"), rows[0]?.label ?? "");
  await writeOwn(join(data, "standby.signal"), "");
  await copyFile(join(dirname(primary.data), "password"), join(dataDir, "password"));
  const { hostname, port, username, password } = new URL(primary.url);
  const conninfo = `host=${hostname} port=${port} user=${username} password=${password} application_name=${name}`;
  const settings = { max_connections: "300", primary_conninfo: conninfo };
  const cluster = await startCluster({ dataDir, binaries: primary.binaries, durable: false, settings });
  const connected = new pg.Client(cluster.url);
  await connected.connect();
  const remove = async () => {
    await connected.end();
    await cluster.stop("immediate");
    await removeCluster(dataDir);
  };
  return { client: connected, remove };
}

/** The server's account removes and renames such files. */
async function writeOwn(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  const account = await serverAccount();
  if (account) await chown(file, account.uid, account.gid);
}
