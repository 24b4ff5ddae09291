import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embeddedBinaries, machineBinaries } from "./binaries.ts";
import { type Cluster, removeCluster, startCluster } from "./cluster.ts";
import { explain } from "./explain.ts";
import { isAlive } from "./process.ts";

let folder: string;
const running: Cluster[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-cluster-"));
  await chmod(folder, 0o711);
});

afterAll(async () => {
  await Promise.all(running.map((cluster) => cluster.stop("immediate")));
  await rm(folder, { recursive: true, force: true });
});

async function start(name: string, options: Partial<Parameters<typeof startCluster>[0]> = {}): Promise<Cluster> {
  const cluster = await startCluster({ dataDir: join(folder, name), durable: false, ...options });
  running.push(cluster);
  return cluster;
}

async function ask(url: string, sql: string): Promise<string | undefined> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query({ text: sql, rowMode: "array" });
  await client.end();
  return rows[0]?.[0];
}

describe("a private cluster", () => {
  test("keeps its data, port and password from one start to the next", async () => {
    const first = await start("kept");
    await ask(first.url, "CREATE TABLE kept AS SELECT 'still here' AS word");
    await first.stop();
    const second = await start("kept");
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, "SELECT word FROM kept")).toBe("still here");
    await second.stop();
  });

  test("lets nobody in without its password, and listens on loopback alone", async () => {
    const cluster = await start("closed");
    const url = new URL(cluster.url);
    url.password = "wrong";
    await expect(ask(url.href, "SELECT 1")).rejects.toThrow("password authentication failed");
    expect(await ask(cluster.url, "SHOW listen_addresses")).toBe("127.0.0.1");
    expect(await ask(cluster.url, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'")).toBe("0");
    expect((await stat(join(folder, "closed", "password"))).mode & 0o077).toBe(0);
    await cluster.stop();
  });

  test("refuses a second owner while it runs", async () => {
    const cluster = await start("owned");
    await expect(start("owned")).rejects.toThrow("already running");
    await cluster.stop();
  });

  test("that is told to end before it takes connections leaves no server and no lock", async () => {
    const abort = new AbortController();
    const starting = start("given-up", { signal: abort.signal, settings: { pre_auth_delay: "30" } });
    const file = join(folder, "given-up", "cluster", "postmaster.pid");
    const pid = async () => Number.parseInt(await readFile(file, "utf8").catch(() => ""), 10);
    await expect.poll(pid, { timeout: 60_000 }).toBeGreaterThan(0);
    const server = await pid();
    abort.abort();
    await expect(starting).rejects.toThrow("aborted");
    expect(isAlive(server)).toBe(false);
    await (await start("given-up")).stop();
  });

  test("takes over from a run that was killed and left its server behind", async () => {
    const orphan = await start("orphan");
    await ask(orphan.url, "CREATE TABLE survived AS SELECT 'yes' AS word");
    await writeFile(join(folder, "orphan", "lock"), "999999999 0");
    const next = await start("orphan");
    expect(next.pid).not.toBe(orphan.pid);
    expect(await ask(next.url, "SELECT word FROM survived")).toBe("yes");
    await next.stop();
  });

  test("waits for what a server that was killed alone has left running", async () => {
    const killed = await start("lingering");
    const client = new pg.Client(killed.url);
    client.on("error", () => {}); // it goes with its server
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, "SIGSTOP"); // as one that is busy and does not see that its server is gone
    process.kill(killed.pid, "SIGKILL");
    await killed.exited;
    const next = start("lingering");
    await expect.poll(() => readFile(killed.log, "utf8")).toContain("pre-existing shared memory block");
    process.kill(backend, "SIGKILL");
    expect(await ask((await next).url, "SELECT 'up'")).toBe("up");
    await (await next).stop();
  });

  test("starts although a stale postmaster.pid names some other living process", async () => {
    const cluster = await start("stale");
    await cluster.stop();
    await writeFile(join(cluster.data, "postmaster.pid"), `${process.pid}\n${cluster.data}\n`);
    const next = await start("stale");
    expect(await ask(next.url, "SELECT 'up'")).toBe("up");
    await next.stop();
  });

  test("redoes an initdb that was killed half-way", async () => {
    await mkdir(join(folder, "half", "cluster.part", "base"), { recursive: true });
    const cluster = await start("half");
    expect(await ask(cluster.url, "SELECT 'up'")).toBe("up");
    await cluster.stop();
  });

  test("recovers what was committed before a crash", async () => {
    const cluster = await start("crash", { durable: true });
    await ask(cluster.url, "CREATE TABLE safe AS SELECT 'committed' AS word");
    await cluster.stop("immediate");
    const next = await start("crash", { durable: true });
    expect(await ask(next.url, "SELECT word FROM safe")).toBe("committed");
    await next.stop();
  });

  test("counts statements where the module is there, and takes settings over its own", async () => {
    const cluster = await start("settings", { settings: { wal_level: "logical" } });
    expect(await ask(cluster.url, "SHOW wal_level")).toBe("logical");
    expect(await ask(cluster.url, "SHOW shared_preload_libraries")).toBe("pg_stat_statements");
    await cluster.stop();
  });

  test("says which port is taken, in one sentence", async () => {
    const taken = createServer();
    const port = await new Promise<number>((done) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address();
        done(typeof address === "object" && address ? address.port : 0);
      });
    });
    await expect(start("port", { port })).rejects.toThrow(`Port ${port} is taken by another program.`);
    taken.close();
  });

  test("says which version made the data when another is given", async () => {
    const embedded = await embeddedBinaries();
    const [machine] = await machineBinaries();
    if (!embedded || !machine) throw new Error("This test needs the machine's PostgreSQL and the npm-packaged one.");
    const cluster = await start("version", { binaries: machine });
    await cluster.stop();
    await writeFile(join(cluster.data, "PG_VERSION"), "14\n");
    await expect(start("version", { binaries: machine })).rejects.toThrow("was made by PostgreSQL 14");
  });

  test("runs the npm-packaged binaries even where the server's user cannot reach the project", async () => {
    const binaries = await embeddedBinaries();
    if (!binaries) throw new Error("The npm-packaged PostgreSQL is missing.");
    const closed = join(folder, "closed-home");
    await mkdir(closed, { mode: 0o700 });
    const cluster = await start("closed-home/data", { binaries });
    expect(await ask(cluster.url, "SHOW server_version")).toMatch(/^18/);
    await cluster.stop();
    await removeCluster(join(closed, "data"));
    await expect(stat(cluster.data)).rejects.toThrow("ENOENT");
  });

  test("tells a full disk from a folder that it may not write", async () => {
    expect(explain("x", "FATAL:  could not write: No space left on device", "/data").message).toBe(
      "The disk that holds /data is full.",
    );
    expect(explain("x", "initdb: error: Permission denied", "/data").message).toBe(
      "PostgreSQL may not write in /data.",
    );
    await writeFile(join(folder, "file"), "");
    await expect(start("file/data")).rejects.toThrow(/cannot be written/);
  });

  test("keeps the server's own words in its log", async () => {
    const cluster = await start("log");
    await cluster.stop();
    expect(await readFile(cluster.log, "utf8")).toContain("database system is ready to accept connections");
  });
});
