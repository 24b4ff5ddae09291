import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { staffActor, systemActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { fixtureKinds } from "../testing/job-kinds.ts";
import { registerDatabase } from "../testing/register.ts";
import { requestCancel } from "./cancel.ts";
import type { JobView } from "./contract.ts";
import { isOver } from "./contract.ts";
import { enqueue } from "./enqueue.ts";
import { attemptsMax } from "./lease.ts";
import { listJobs, readJob } from "./read.ts";
import { type Working, work } from "./work.ts";

const system = systemActor("test");
const silent = pino({ level: "silent" });
const ada = randomUUID();
let working: Working | undefined;

beforeAll(async () => {
  await freshControl();
  await controlPool().query("CREATE TABLE effects (job uuid, step text, pid integer)");
  await controlPool().query(
    "INSERT INTO staff (id, email, name, role, password_hash) VALUES ($1, 'ada@example.com', 'Ada', 'administrator', '-')",
    [ada],
  );
});
afterEach(() => working?.stop());
afterAll(closeControl);

function start(drainMs = 10_000): Working {
  working = work(fixtureKinds, { log: silent, pollMs: 50, drainMs });
  return working;
}

async function until(id: string, met: (job: JobView) => boolean): Promise<JobView> {
  for (;;) {
    const job = await readJob(system, id);
    if (met(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
const over = (id: string) => until(id, (job) => isOver(job.state));
const adaActor = (role: "administrator" | "support" = "administrator") =>
  staffActor({ staffId: ada, name: "Ada", role });

describe("a job", () => {
  test("that is enqueued twice with one id runs once", async () => {
    const id = randomUUID();
    const job = { id, kind: "test.steps", title: "Once", input: { a: 1 } };
    expect(await Promise.all([enqueue(system, job), enqueue(system, job)])).toEqual([id, id]);
    start();
    expect((await over(id)).state).toBe("done");
    const effects = await controlPool().query("SELECT step FROM effects WHERE job = $1", [id]);
    expect(effects.rows.map((row) => row.step)).toEqual(["first", "second", "third"]);
    await expect(enqueue(system, { ...job, input: { a: 2 } })).rejects.toMatchObject({ code: "conflict" });
  });

  test("of two workers is taken by one", async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => enqueue(system, { kind: "test.steps", title: "Shared", input: {} })),
    );
    const other = work(fixtureKinds, { log: silent, pollMs: 50 });
    start();
    for (const id of ids) expect(await over(id)).toMatchObject({ state: "done", attempts: 1 });
    await other.stop();
    const { rows } = await controlPool().query("SELECT count(*) FROM effects WHERE job = ANY ($1)", [ids]);
    expect(rows[0].count).toBe("60");
  });

  test("is cancelled while it waits, and while it runs", async () => {
    const waiting = await enqueue(system, { kind: "test.endless", title: "Waits", input: {} });
    await requestCancel(adaActor(), waiting);
    expect((await readJob(system, waiting)).state).toBe("cancelled");
    const running = await enqueue(system, { kind: "test.endless", title: "Runs", input: {} });
    start();
    await until(running, (job) => job.progress?.line === "begun");
    await requestCancel(adaActor(), running);
    working?.wake(running);
    expect(await over(running)).toMatchObject({ state: "cancelled", error: null });
    await expect(requestCancel(adaActor(), running)).rejects.toMatchObject({ code: "conflict" });
    await expect(requestCancel(adaActor("support"), running)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("says in plain words why it failed", async () => {
    const refused = await enqueue(system, { kind: "test.fails", title: "Refused", input: { how: "refusal" } });
    const broken = await enqueue(system, { kind: "test.fails", title: "Broken", input: {} });
    start();
    expect((await over(refused)).error).toBe("It cannot be done. Do it by hand.");
    expect((await over(broken)).error).toMatch(/^It stopped unexpectedly: a wheel came off\. Reference [0-9a-f]{8}\.$/);
  });

  test("that failed over a query keeps what PostgreSQL said, and neither the query nor its parameters", async () => {
    const id = await enqueue(system, { kind: "test.fails", title: "Queried", input: { how: "query" } });
    start();
    expect((await over(id)).error).toMatch(/^It stopped unexpectedly: it is too long\. Reference [0-9a-f]{8}\.$/);
  });

  test("runs with the role that its person holds now, and never with more than was asked for", async () => {
    const demoted = await enqueue(adaActor(), { kind: "test.actor", title: "Demoted", input: {} });
    await controlPool().query("UPDATE staff SET role = 'support' WHERE id = $1", [ada]);
    start();
    expect((await over(demoted)).result).toMatchObject({ name: "Ada", role: "support" });
    await controlPool().query("UPDATE staff SET role = 'administrator' WHERE id = $1", [ada]);
    const token = staffActor({ staffId: ada, name: "Ada", role: "administrator", only: ["backups.run"] });
    const narrow = await enqueue(token, { kind: "test.actor", title: "Narrow", input: {} });
    expect((await over(narrow)).result).toMatchObject({ capabilities: ["backups.run"] });
  });

  test("of a person who was disabled is refused", async () => {
    const id = await enqueue(adaActor(), { kind: "test.steps", title: "Left", input: {} });
    await controlPool().query("UPDATE staff SET disabled_at = now() WHERE id = $1", [ada]);
    start();
    expect(await over(id)).toMatchObject({ state: "failed", error: expect.stringContaining("disabled since") });
    await controlPool().query("UPDATE staff SET disabled_at = NULL WHERE id = $1", [ada]);
    const effects = await controlPool().query("SELECT 1 FROM effects WHERE job = $1", [id]);
    expect(effects.rowCount).toBe(0);
  });

  test("is handed over when its worker stops, at the cost of no attempt", async () => {
    const id = await enqueue(system, { kind: "test.endless", title: "Handed over", input: {} });
    const first = start(50);
    await until(id, (job) => job.state === "running");
    await first.stop();
    expect(await readJob(system, id)).toMatchObject({ state: "running", attempts: 0 });
    start(50);
    await until(id, (job) => job.attempts === 1);
    await requestCancel(adaActor(), id);
    working?.wake(id);
    expect((await over(id)).state).toBe("cancelled");
  });

  test("that ends every worker is given up", async () => {
    const id = await enqueue(system, { kind: "test.steps", title: "Poison", input: {} });
    await controlPool().query(
      "UPDATE jobs SET state = 'running', attempts = $2, lease_until = now() - interval '1 second' WHERE id = $1",
      [id, attemptsMax],
    );
    start();
    expect(await over(id)).toMatchObject({ state: "failed", error: expect.stringContaining("begun 5 times") });
  });

  test("waits for a managed database that is away, and says meanwhile which one", async () => {
    const databaseId = await registerDatabase(await freshDatabase());
    const [server] = (await controlPool().query<{ id: string; port: number }>("SELECT id, port FROM servers")).rows;
    const answerAt = (port = 1) =>
      controlPool().query("UPDATE servers SET port = $2 WHERE id = $1", [server?.id, port]);
    await answerAt(1);
    const id = await enqueue(system, { kind: "test.asks", title: "Away", input: { databaseId } });
    start();
    const waiting = await until(id, (job) => job.error !== null);
    expect(waiting).toMatchObject({ state: "running", error: expect.stringContaining("Nothing accepts connections") });
    await answerAt(server?.port);
    expect(await over(id)).toMatchObject({ state: "done", error: null });
    const { rows: actors } = await controlPool().query(
      "SELECT DISTINCT user_id FROM caretaker.audit_logs WHERE resource_type = 'jobs' AND resource_id = $1 AND action = 'update'",
      [id],
    );
    expect(actors).toEqual([{ user_id: "worker" }]);
    await closeFleet();
  });

  test("that gives way to somebody's lock is tried again", async () => {
    const holder = await controlPool().connect();
    try {
      await holder.query("BEGIN; LOCK TABLE effects");
      const id = await enqueue(system, { kind: "test.steps", title: "Waits for a lock", input: {} });
      start();
      const waiting = await until(id, (job) => job.error !== null);
      expect(waiting).toMatchObject({ state: "running", error: expect.stringContaining("lock timeout") });
      await holder.query("COMMIT");
      expect(await over(id)).toMatchObject({ state: "done", error: null });
    } finally {
      holder.release(true);
    }
  });

  test("is listed newest first, without overlap between pages", async () => {
    for (let n = 0; n < 60; n++) await enqueue(system, { kind: "test.none", title: `Listed ${n}`, input: {} });
    const one = await listJobs(system, { kind: "test.none" });
    const two = await listJobs(system, { kind: "test.none", cursor: one.next ?? "" });
    const titles = [...one.rows, ...two.rows].map((job) => job.title);
    expect(titles).toEqual(Array.from({ length: 60 }, (_, n) => `Listed ${59 - n}`));
    expect(two.next).toBeNull();
  });
});
