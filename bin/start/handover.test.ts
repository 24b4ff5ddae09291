import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "#db/control.ts";
import { enqueue } from "#db/jobs/enqueue.ts";
import { readJob } from "#db/jobs/read.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl } from "#db/testing/databases.ts";
import { supervise } from "./children.ts";

const system = systemActor("test");
let folder: string;

beforeAll(async () => {
  await freshControl();
  folder = await mkdtemp(join(tmpdir(), "caretaker-handover-"));
});
afterAll(async () => {
  await closeControl();
  await rm(folder, { recursive: true });
});

test("a stop gives the worker the time to hand its jobs over, at the cost of no attempt", async () => {
  const id = await enqueue(system, { kind: "test.endless", title: "Takes long", input: {} });
  const script = join(import.meta.dirname, "..", "..", "db", "testing", "job-worker.ts");
  const worker = { name: "worker", command: [process.execPath, script], env: { ...process.env, DRAIN: "as it is" } };
  const running = supervise([worker], join(folder, "processes"), () => {});
  await expect.poll(async () => (await readJob(system, id)).progress?.line, { timeout: 60_000 }).toBe("begun");
  expect(await readJob(system, id)).toMatchObject({ attempts: 1 });
  await running.stop();
  expect(await readJob(system, id)).toMatchObject({ state: "running", attempts: 0 });
});
