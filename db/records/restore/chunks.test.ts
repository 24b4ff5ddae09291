import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { isOver } from "../../jobs/contract.ts";
import { readJob } from "../../jobs/read.ts";
import { type Working, work } from "../../jobs/work.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { restoreJobs } from "./jobs.ts";
import { readRestore } from "./report/read.ts";
import { restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE threads (id integer PRIMARY KEY, parent integer REFERENCES threads, first integer, slug text UNIQUE, secret text, deleted_at timestamptz);
  CREATE TABLE replies (id integer PRIMARY KEY, thread integer NOT NULL REFERENCES threads, body text);
  ALTER TABLE threads ADD FOREIGN KEY (first) REFERENCES replies;`;

let db: Adopted;
let ada: Person;
let worker: Working;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, {
    threads: { softDelete: { column: "deleted_at", kind: "timestamp" }, maskedColumns: ["secret"] },
  });
  worker = work(restoreJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE threads, replies CASCADE");
});

afterAll(async () => {
  await worker.stop();
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, run, lastDeletion } = restoring(
  () => db,
  () => ada.actor,
);

async function over(job: string | null) {
  for (;;) {
    const found = await readJob(ada.actor, job ?? "");
    if (isOver(found.state)) return found;
    await pause(50);
  }
}

/** Threads in chains of ten, most of them with a first reply, which needs its thread in turn. */
async function forum(): Promise<void> {
  await db.client.query(`
    INSERT INTO threads (id, parent, slug, secret) SELECT n, CASE WHEN n % 10 <> 1 THEN n - 1 END, 's' || n, 'x' FROM generate_series(1, 350) n;
    INSERT INTO replies SELECT n, n, 'reply ' || n FROM generate_series(1, 350) n;
    UPDATE threads SET first = id WHERE id % 50 = 0`);
}

/** As many chunks as 20,000 rows would have, of as many rows less. */
const sizes = { atOnce: 100, inChunk: 200 };

const standing = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) AS hash FROM";

test("more rows than one transaction writes come back in chunks that each hold by themselves, circles whole", async () => {
  await forum();
  const before = await sql(`${standing} (SELECT id, parent, first, slug FROM threads) t`);
  await db.client.query("BEGIN; WITH r AS (DELETE FROM replies) DELETE FROM threads; COMMIT");
  await db.client.query("INSERT INTO threads (id, slug) VALUES (9001, 's5'), (9002, 's333')");
  const planned = await plan({
    transaction: await lastDeletion(),
    choose: { masked: { do: "null" }, unique_clash: { do: "swap" } },
  });
  expect(planned).toMatchObject({ status: "clean", writes: 702 });
  const { restore, job } = await run(planned, ada.actor, sizes);
  expect(await over(job)).toMatchObject({
    state: "done",
    result: { restoreId: restore },
    progress: { done: 702, total: 702 },
  });
  expect(await sql(`${standing} (SELECT id, parent, first, slug FROM threads WHERE id < 9000) t`)).toEqual(before);
  expect(await sql("SELECT slug FROM threads WHERE id > 9000 ORDER BY id")).toEqual([
    { slug: "s5-restored" },
    { slug: "s333-restored" },
  ]);
  expect(await readRestore(ada.actor, { id: restore })).toMatchObject({
    state: "done",
    written: 702,
    chosen: 352,
    exact: 350,
    differing: 0,
  });

  const undo = await plan({ undo: restore });
  expect(undo).toMatchObject({ status: "clean", writes: 702 });
  expect(await over((await run(undo, ada.actor, sizes)).job)).toMatchObject({ state: "done" });
  expect(await sql("SELECT id, slug FROM threads ORDER BY id")).toEqual([
    { id: 9001, slug: "s5" },
    { id: 9002, slug: "s333" },
  ]);
});

test("a job whose plan does not hold any more stops before the chunk that it concerns, and what it wrote can be taken back", async () => {
  await db.client.query(
    "INSERT INTO threads (id, slug, secret) SELECT n, 's' || n, 'x' FROM generate_series(1, 120) n; DELETE FROM threads",
  );
  const planned = await plan({ transaction: await lastDeletion(), choose: { masked: { do: "null" } } }).catch(
    async () => plan({ transaction: await lastDeletion() }),
  );
  await worker.stop();
  const { restore, job } = await run(planned, ada.actor, { atOnce: 100, inChunk: 50 });
  // The job has planned and entered its rows when a live row takes the place of one in its second chunk.
  const { rows: entered } = await controlPool().query("SELECT 1 FROM restores WHERE id = $1 AND state = 'running'", [
    restore,
  ]);
  expect(entered).toHaveLength(1);
  await db.client.query(`CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO threads (id, slug) VALUES (99999, 's70'); RETURN NULL; END $$;
    CREATE TRIGGER race AFTER INSERT ON threads FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION race()`);
  worker = work(restoreJobs, { log: pino({ level: "silent" }), pollMs: 50 });
  const failed = await over(job);
  expect(failed).toMatchObject({
    state: "failed",
    error: expect.stringContaining("Before chunk 2 it stopped, because 1 of its rows"),
  });
  expect(failed.error).toContain("The live row, threads 99999, holds the same slug");
  await db.client.query("DROP TRIGGER race ON threads; DROP FUNCTION race");
  expect(await readRestore(ada.actor, { id: restore })).toMatchObject({
    state: "partial",
    planned: 120,
    written: 50,
  });
  expect(await sql("SELECT count(*)::int AS rows FROM threads")).toEqual([{ rows: 51 }]);
  await run(await plan({ undo: restore }));
  expect(await sql("SELECT id FROM threads")).toEqual([{ id: 99999 }]);
});

test("rows that pointed to removed ones point again chunk by chunk, and one that points elsewhere in between stops the job", async () => {
  await db.client.query(`INSERT INTO threads (id, slug) SELECT n, 's' || n FROM generate_series(1, 120) n;
    INSERT INTO replies SELECT n, n, 'reply ' || n FROM generate_series(1, 120) n; UPDATE threads SET first = id`);
  const before = await sql(`${standing} threads t`);
  const clear = "BEGIN; UPDATE threads SET first = NULL; DELETE FROM replies; COMMIT";
  const chunked = { atOnce: 100, inChunk: 70 };
  await db.client.query(clear);
  const planned = await plan({ transaction: await lastDeletion() });
  expect(planned).toMatchObject({ status: "clean", writes: 240 });
  const { restore, job } = await run(planned, ada.actor, chunked);
  expect(await over(job)).toMatchObject({ state: "done" });
  expect(await sql(`${standing} threads t`)).toEqual(before);
  expect(await over((await run(await plan({ undo: restore }), ada.actor, chunked)).job)).toMatchObject({
    state: "done",
  });
  expect(await sql("SELECT count(first)::int AS pointing FROM threads")).toEqual([{ pointing: 0 }]);

  const again = await plan({ transaction: planned.input.transaction ?? "" });
  await db.client.query(`CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE threads SET first = 1 WHERE id = 110; RETURN NULL; END $$;
    CREATE TRIGGER race AFTER INSERT ON replies FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION race()`);
  const failed = await over((await run(again, ada.actor, chunked)).job);
  await db.client.query("DROP TRIGGER race ON replies; DROP FUNCTION race");
  expect(failed).toMatchObject({ state: "failed", error: expect.stringContaining("because 1 of its rows cannot be") });
  expect(failed.error).toContain("110: It pointed to a row that comes back, and points elsewhere by now");
  expect(await sql("SELECT first FROM threads WHERE id = 110")).toEqual([{ first: 1 }]);
});
