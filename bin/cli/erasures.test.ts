import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { work } from "#db/jobs/work.ts";
import { erasureJobs } from "#db/records/erasure/jobs.ts";
import { agree } from "#db/records/erasure/testing/erasing.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { clientTool } from "#db/testing/client-tools.ts";
import { freshControl, testServer } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

// Each command is a process of its own.
const patient = { timeout: 240_000 };
let app: Adopted;
let name: string;
let token: string;
let asks: Person;
let agrees: Person;
let working: ReturnType<typeof work>;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-cli-erasures-"));
  await freshControl();
  app = await adoptedDatabase(
    `CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, name text);
     CREATE TABLE notes (id int PRIMARY KEY, body text);`,
  );
  name = new URL(app.url).pathname.slice(1);
  await app.client.query(
    "INSERT INTO users VALUES (1, 'grace@example.com', 'Grace'), (2, 'alan@example.com', 'Alan'); INSERT INTO notes VALUES (1, 'Ask grace@example.com')",
  );
  asks = await person("administrator");
  agrees = await person("compliance");
  token = await tokenOf("compliance", ["records.read", "records.erase", "databases.read", "jobs.read"]);
  working = work(erasureJobs, { log: pino({ enabled: false }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const found = z.object({ id: z.uuid(), plan: z.object({ status: z.string(), hash: z.string() }) });
const checked = z.object({ clean: z.boolean() });
const replayed = z.object({
  ...{ erasures: z.number(), rows: z.number(), notClean: z.number() },
  ...{ opened: z.boolean(), closed: z.boolean() },
});
const closed = z.object({ admits: z.array(z.string()), sessions: z.number() });

/** Everything that the database holds, its log included. */
async function said(): Promise<string> {
  const { rows } = await app.client.query<{ said: string }>(
    `SELECT concat_ws(' ', (SELECT string_agg(t::text, ' ') FROM users t), (SELECT string_agg(t::text, ' ') FROM notes t),
                      (SELECT string_agg(t::text, ' ') FROM caretaker.audit_logs t)) AS said`,
  );
  return rows[0]?.said ?? "";
}

test(
  "a person is found, erased, brought back by restoring a dump, and erased again before anybody connects",
  patient,
  async () => {
    const dump = join(process.env.CARETAKER_DATA ?? "", "before.dump");
    await clientTool("pg_dump", "--format=custom", "--file", dump, app.url);

    const about = ["--database", name, "--table", "users", "--record", "1", "--column", "public.users.email"];
    const where = ["--column", "public.users.name", "--search", "public.notes.body"];
    const { id, plan } = await json(found, ["erasures", "find", ...about, ...where], { token });
    expect(plan.status).toBe("ready");
    const copy = await caretaker(["erasures", "access", id, "--format", "ndjson"], { token });
    expect(copy.stdout).toContain("grace@example.com");

    await agree(asks, agrees, id);
    await expect
      .poll(async () => (await json(z.object({ state: z.string() }), ["erasures", "show", id], { token })).state, {
        timeout: 30_000,
      })
      .toBe("done");
    expect(await said()).not.toMatch(/grace/i);

    await app.client.end();
    await working.stop();
    await closeFleet();
    const server = new pg.Client(testServer().href);
    await server.connect();
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    await server.end();
    expect(await json(closed, ["erasures", "close", name], { token })).toMatchObject({ sessions: 0 });
    await clientTool("pg_restore", "--dbname", app.url, dump);
    app.client = new pg.Client(app.url);
    await app.client.connect();
    working = work(erasureJobs, { log: pino({ enabled: false }), pollMs: 50 });
    expect(await said()).toMatch(/grace@example.com.*Grace/);
    expect(await json(checked, ["erasures", "check", id], { token })).toEqual({ clean: false });

    const due = await caretaker(["erasures", "due"], { token });
    expect(due).toMatchObject({ code: 9, stdout: expect.stringMatching(new RegExp(`${name} +1 +by `)) });
    const early = await caretaker(["erasures", "open", name], { token });
    expect(early).toMatchObject({ code: 5, stderr: expect.stringContaining("to be applied") });
    const again = { erasures: 1, notClean: 0, opened: true, closed: false };
    expect(await json(replayed, ["erasures", "replay", name], { token })).toMatchObject(again);
    expect(await caretaker(["erasures", "due"], { token })).toMatchObject({ code: 0 });
    expect(await said()).not.toMatch(/grace/i);
    expect(await said()).toContain("alan@example.com");
    expect(await json(checked, ["erasures", "check", id], { token })).toEqual({ clean: true });
    expect(await json(replayed, ["erasures", "replay", name], { token })).toMatchObject({ rows: 0, notClean: 0 });

    await app.client.query(
      `INSERT INTO notes VALUES (77, 'grace@example.com called');
       CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
         INSERT INTO notes VALUES (78, 'grace@example.com again') ON CONFLICT DO NOTHING; RETURN NULL; END$$;
       CREATE TRIGGER back AFTER UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION back()`,
    );
    expect(await caretaker(["erasures", "replay", name, "--kept-out"], { token })).toMatchObject({
      code: 9,
      stdout: expect.stringContaining("of 1 something is left"),
    });
  },
);

test("a token can not run an erasure, since that needs a password and two people", patient, async () => {
  const about = ["--database", name, "--table", "users", "--record", "2", "--column", "public.users.email"];
  const { id, plan } = await json(found, ["erasures", "find", ...about], { token });
  await caretaker(["erasures", "rehearse", id], { token });
  const run = ["erasures", "run", id, "--plan", plan.hash, "--typed", "public.users 2", "--reason", "Letter"];
  const { code, stderr } = await caretaker(run, { token });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/password again/);
});
