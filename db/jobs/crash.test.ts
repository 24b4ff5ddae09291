import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { isOver } from "./contract.ts";
import { enqueue } from "./enqueue.ts";
import { readJob } from "./read.ts";

// Whole processes start here, and one test waits for a lease to run out.

const system = systemActor("test");
const workers: ChildProcess[] = [];

beforeAll(async () => {
  await freshControl();
  await controlPool().query("CREATE TABLE effects (job uuid, step text, pid integer)");
});
afterEach(() => {
  for (const worker of workers.splice(0)) if (worker.exitCode === null) worker.kill("SIGKILL");
});
afterAll(closeControl);

function worker(linger?: string): { process: ChildProcess; said: (text: string) => Promise<void> } {
  const script = fileURLToPath(new URL("../testing/job-worker.ts", import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...(linger ? { LINGER: linger } : {}) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  workers.push(child);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const said = async (text: string) => {
    while (!output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  return { process: child, said };
}

async function until(text: string, id: string): Promise<void> {
  while ((await controlPool().query(text, [id])).rowCount === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
}
/** What fifteen seconds would do. */
const expire = (id: string) => controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1", [id]);

async function over(id: string) {
  await until("SELECT 1 FROM jobs WHERE id = $1 AND state IN ('done', 'failed', 'cancelled')", id);
  const job = await readJob(system, id);
  expect(isOver(job.state)).toBe(true);
  return job;
}

async function effectsOf(id: string) {
  const { rows } = await controlPool().query<{ step: string; pid: number }>(
    "SELECT step, pid FROM effects WHERE job = $1 ORDER BY step",
    [id],
  );
  return rows;
}

test("a job whose worker is killed in the middle of a step resumes elsewhere and repeats no finished step", async () => {
  const id = await enqueue(system, { kind: "test.steps", title: "Killed", input: { linger: true } });
  const first = worker("1");
  await until("SELECT 1 FROM jobs WHERE id = $1 AND step = 'second'", id);
  first.process.kill("SIGKILL");
  await once(first.process, "exit");
  await expire(id);
  const second = worker();
  const job = await over(id);
  expect(job).toMatchObject({ state: "done", attempts: 2 });
  expect(job.result).toEqual({ first: first.process.pid, last: second.process.pid });
  expect(await effectsOf(id)).toEqual([
    { step: "first", pid: first.process.pid },
    { step: "second", pid: second.process.pid },
    { step: "third", pid: second.process.pid },
  ]);
});

test("a killed worker's job is taken over when its lease runs out by itself", async () => {
  const id = await enqueue(system, { kind: "test.between", title: "Left alone", input: {} });
  const first = worker("60000");
  await until("SELECT 1 FROM job_receipts WHERE job_id = $1", id);
  const killedAt = performance.now();
  first.process.kill("SIGKILL");
  worker();
  expect((await over(id)).state).toBe("done");
  expect(performance.now() - killedAt).toBeLessThan(30_000);
});

test("a worker that sleeps through its lease is fenced off when it wakes", async () => {
  const id = await enqueue(system, { kind: "test.between", title: "Zombie", input: {} });
  const zombie = worker("1500");
  await until("SELECT 1 FROM job_receipts WHERE job_id = $1", id);
  zombie.process.kill("SIGSTOP");
  await expire(id);
  const second = worker();
  expect((await over(id)).result).toEqual({ last: second.process.pid });
  zombie.process.kill("SIGCONT");
  await zombie.said("the lease was lost");
  expect(await effectsOf(id)).toEqual([{ step: "second", pid: second.process.pid }]);
  expect(await readJob(system, id)).toMatchObject({ state: "done", attempts: 2 });
});

test("a worker told to end hands its job over before its lease runs out, at the cost of no attempt", async () => {
  const id = await enqueue(system, { kind: "test.between", title: "Drained", input: {} });
  const first = worker("60000");
  await until("SELECT 1 FROM job_receipts WHERE job_id = $1", id);
  first.process.kill("SIGTERM");
  worker();
  // A lease that ran out would have cost a second attempt.
  expect(await over(id)).toMatchObject({ state: "done", attempts: 1 });
});
