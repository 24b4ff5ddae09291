import { randomBytes } from "node:crypto";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { passing } from "../../../jobs/passing.ts";
import { freshControl } from "../../../testing/databases.ts";
import { checkErasure } from "../check.ts";
import { checkErased } from "../job/check.ts";
import { replayJob } from "../job/replay.ts";
import { replayErasures } from "../replay.ts";
import { runJob } from "../testing/erasing.ts";
import {
  app,
  asApplication,
  ask,
  database,
  forgetClosings,
  onServer,
  owner,
  type Restorable,
  reason,
  restorable,
  urlOf,
} from "../testing/restored.ts";
import { closeDatabase } from "./close.ts";
import { openDatabase } from "./open.ts";

let there: Restorable;

beforeAll(async () => {
  await freshControl();
  there = await restorable();
});
beforeEach(forgetClosings);
afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** Runs a replay as far as the end of its nth step, where its worker is killed. Answers whether it came so far. */
async function cutAfter(step: number): Promise<boolean> {
  const { job: id } = await replayErasures(there.admin.actor, { database: there.db.id });
  const { rows } = await controlPool().query("SELECT input FROM jobs WHERE id = $1", [id]);
  const job = passing(id, there.admin.actor, new AbortController().signal, pino({ level: "silent" }));
  let done = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    const value = await work;
    done += 1;
    if (done === step) throw new Error("killed");
    return value;
  };
  try {
    await replayJob.run({
      ...job,
      input: rows[0].input,
      step: (_name, work) => counted(work()),
      stepInControl: (name, work) => counted(job.stepInControl(name, work)),
    });
    return false;
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "killed") throw error;
    return true;
  } finally {
    await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE id = $1", [id]);
  }
}

/** A trigger of the application writes the person back as often as they are erased. */
function comesBack(): Promise<unknown> {
  return ask(
    urlOf(owner),
    `CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
         INSERT INTO notes VALUES (99, 'grace@example.com again') ON CONFLICT DO NOTHING; RETURN NULL; END$$;
       CREATE TRIGGER back AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION back()`,
  );
}

describe("a database that was restored from a backup", () => {
  test("is named with who can connect to it, closed before it is filled, and opened once nobody is left", async () => {
    expect(await there.due()).toEqual([]);
    await there.restore();
    expect(await there.due()).toMatchObject([
      { database: there.db.id, erasures: 1, closed: null, admits: expect.arrayContaining([app]) },
    ]);
    expect(await asApplication()).toContain("grace@example.com");

    await there.restore(() => closeDatabase(there.admin.actor, { database: there.db.id, reason }));
    await expect(asApplication()).rejects.toMatchObject({ code: "42501" });
    expect(await there.due()).toMatchObject([{ erasures: 1, closed: { by: "Ada", reason }, admits: [], sessions: 0 }]);
    expect(await there.replay()).toMatchObject({ erasures: 1, notClean: 0, opened: true, closed: false });
    expect((await asApplication()).sort()).toEqual(["alan@example.com", expect.stringMatching(/^erased-/)]);
    expect(await there.due()).toEqual([]);
  });

  test("closes by the replay itself, which ends the sessions that read it", async () => {
    await there.restore();
    const reader = new pg.Client(urlOf(app));
    reader.on("error", () => {});
    await reader.connect();
    await onServer(`GRANT ${app} TO ${owner}`);
    expect(await there.replay()).toMatchObject({ opened: true });
    await expect(reader.query("SELECT email FROM users")).rejects.toThrow();
    await onServer(`REVOKE ${app} FROM ${owner}`);
  });

  test("is not touched while a session goes on that the console may not end, and stays closed", async () => {
    await there.restore();
    const reader = new pg.Client(urlOf(app));
    reader.on("error", () => {});
    await reader.connect();
    const failed = there.replay();
    await expect(failed).rejects.toMatchObject({ code: "conflict", fix: expect.stringContaining("pg_signal_backend") });
    expect(await there.due()).toMatchObject([{ erasures: 1, admits: [], sessions: 1 }]);
    await reader.end();
    await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE state = 'queued'");
    expect(await there.replay()).toMatchObject({ opened: true });
  });

  test("stays closed wherever a replay is killed, and another one goes on from there", {
    timeout: 240_000,
  }, async () => {
    let cuts = 0;
    for (let step = 1; ; step += 2) {
      await there.restore();
      const wasCut = await cutAfter(step);
      if (!wasCut) break;
      const [standing] = await there.due();
      const isOpen = standing === undefined || standing.admits.length > 0;
      // The last step is the opening: what comes after it finds nothing left.
      if (isOpen) expect(await asApplication()).not.toContain("grace@example.com");
      else await expect(asApplication()).rejects.toMatchObject({ code: "42501" });
      expect(await there.replay()).toMatchObject({ notClean: 0, closed: false });
      expect(await asApplication()).not.toContain("grace@example.com");
      expect(await there.due()).toEqual([]);
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(2);
  });

  test("is not opened by hand before all is applied, unless somebody says why", async () => {
    await there.restore();
    await expect(openDatabase(there.admin.actor, { database: there.db.id })).rejects.toMatchObject({
      code: "conflict",
    });
    await closeDatabase(there.admin.actor, { database: there.db.id, reason });
    const open = (more = {}) => openDatabase(there.admin.actor, { database: there.db.id, ...more });
    await expect(open()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("applied") });
    await expect(open({ anyway: true })).rejects.toMatchObject({ code: "invalid" });
    expect(await open({ anyway: true, reason: "The court wants to see it" })).toMatchObject({ opened: true });
    expect(await asApplication()).toContain("grace@example.com");
    const { rows } = await controlPool().query(
      "SELECT opened_by, opened_why FROM closed_databases WHERE database_id = $1",
      [there.db.id],
    );
    expect(rows).toEqual([{ opened_by: "Ada", opened_why: "The court wants to see it" }]);
  });

  test("stays closed where a replay leaves somebody, until a check finds nothing", async () => {
    await there.restore();
    await comesBack();
    expect(await there.replay()).toMatchObject({ notClean: 1, opened: false, closed: true });
    const open = () => openDatabase(there.admin.actor, { database: there.db.id });
    await expect(open()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("left") });
    await expect(asApplication()).rejects.toMatchObject({ code: "42501" });
    expect(await there.due()).toMatchObject([{ erasures: 1 }]);
    await ask(urlOf(owner), "DROP TRIGGER back ON users");
    expect(await there.replay()).toMatchObject({ notClean: 0, opened: true });
    await runJob(there.admin.actor, checkErased, (await checkErasure(there.admin.actor, { id: there.erasure })).job);
    expect(await asApplication()).not.toContain("grace@example.com");
  });

  test("is due still where the application is kept out otherwise and a replay leaves somebody", async () => {
    await there.restore();
    await comesBack();
    expect(await there.replay({ keptOut: true })).toMatchObject({ notClean: 1, closed: false });
    expect(await there.due()).toMatchObject([{ erasures: 1, closed: null }]);
    await ask(urlOf(owner), "DROP TRIGGER back ON users");
    expect(await there.replay({ keptOut: true })).toMatchObject({ notClean: 0 });
    expect(await there.due()).toEqual([]);
  });

  test("gets the very rights back that it had", async () => {
    await there.restore();
    const other = `other_${app}`;
    await onServer(`CREATE ROLE ${other} LOGIN PASSWORD 'secret'`);
    await ask(
      urlOf(owner),
      `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC; GRANT CONNECT ON DATABASE ${database} TO ${app} WITH GRANT OPTION`,
    );
    await ask(urlOf(app), `GRANT CONNECT ON DATABASE ${database} TO ${other}`);
    const rights = () =>
      onServer(
        `SELECT grantee::regrole::text AS role, is_grantable FROM pg_database, aclexplode(datacl)
          WHERE datname = '${database}' AND privilege_type = 'CONNECT' ORDER BY 1`,
      );
    const before = await rights();
    await closeDatabase(there.admin.actor, { database: there.db.id, reason });
    expect(await rights()).toEqual([expect.objectContaining({ role: owner })]);
    await closeDatabase(there.admin.actor, { database: there.db.id, reason });
    await openDatabase(there.admin.actor, { database: there.db.id, anyway: true, reason });
    expect(await rights()).toEqual(before);
    await onServer(`DROP OWNED BY ${other}; DROP ROLE ${other}`).catch(() => undefined);
  });
});

test("a copy that was restored beside the database is known as one, closed, and opened without the person", async () => {
  const copy = `copy_${randomBytes(4).toString("hex")}`;
  const id = await there.restoreBeside(copy);
  expect(await asApplication(copy)).toContain("grace@example.com");
  const isDue = async () => (await there.due()).filter((one) => one.database === id);
  expect(await isDue()).toMatchObject([{ from: there.db.id, erasures: 1, admits: expect.arrayContaining([app]) }]);
  await closeDatabase(there.admin.actor, { database: id, from: there.db.id });
  await expect(asApplication(copy)).rejects.toMatchObject({ code: "42501" });
  const { job } = await replayErasures(there.admin.actor, { database: id, from: there.db.id });
  expect(await runJob(there.admin.actor, replayJob, job)).toMatchObject({ notClean: 0, opened: true });
  expect(await asApplication(copy)).not.toContain("grace@example.com");
  expect(await isDue()).toEqual([]);
});
