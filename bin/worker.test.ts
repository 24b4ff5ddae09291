import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "#db/control.ts";
import { enqueue } from "#db/jobs/enqueue.ts";
import { readJob } from "#db/jobs/read.ts";
import { type Cluster, removeCluster, startCluster } from "#db/local/cluster.ts";
import { migrate } from "#db/migrate.ts";
import { systemActor } from "#db/mint.ts";

const system = systemActor("test");
let dataDir: string;
let cluster: Cluster;
let worker: ChildProcess;
let logged = "";

// A server of its own, because it is restarted.
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "caretaker-worker-"));
  cluster = await startCluster({ dataDir, durable: false, settings: { synchronous_commit: "on" } });
  process.env.DATABASE_URL = cluster.url;
  process.env.CARETAKER_KEY = randomBytes(32).toString("base64");
  process.env.CARETAKER_DATA = join(dataDir, "caretaker");
  await migrate();
  const script = fileURLToPath(new URL("worker.ts", import.meta.url));
  worker = spawn(process.execPath, [script], { env: process.env, stdio: ["ignore", "pipe", "inherit"] });
  worker.stdout?.on("data", (chunk) => (logged += chunk));
});
afterAll(async () => {
  if (worker.exitCode === null) worker.kill("SIGKILL");
  await closeControl();
  await cluster.stop("immediate");
  await removeCluster(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

async function runOne(): Promise<string> {
  const id = await enqueue(system, { kind: "health.sample", title: "Sample of nothing", input: {} });
  for (;;) {
    const { state } = await readJob(system, id);
    if (state !== "queued" && state !== "running") return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("the worker's log holds no row that PostgreSQL quotes", async () => {
  await controlPool().query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'it may not end' USING DETAIL = 'Failing row contains (canary).';
    END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON jobs FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION refuse()`);
  await enqueue(system, { kind: "health.sample", title: "Sample of nothing", input: {} });
  await expect.poll(() => logged, { timeout: 60_000 }).toContain("the job's ending could not be written");
  await controlPool().query("DROP FUNCTION refuse CASCADE");
  expect(logged).toContain("it may not end");
  expect(logged).not.toContain("canary");
});

test("the worker survives a crash of the control database, and leaves in order when told", async () => {
  expect(await runOne()).toBe("done");
  const { port } = cluster;
  await cluster.stop("immediate");
  cluster = await startCluster({ dataDir, durable: false, settings: { synchronous_commit: "on" }, port });
  expect(await runOne()).toBe("done");
  expect(worker.exitCode).toBeNull();
  worker.kill("SIGTERM");
  const [code] = await once(worker, "exit");
  expect(code).toBe(0);
});
