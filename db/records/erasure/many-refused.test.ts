import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { eraseRows } from "./job/erase.ts";
import { ledgerOf } from "./ledger.ts";
import { listChecks, readErasure } from "./list.ts";
import { resumeErasure } from "./run.ts";
import { agree, confirmPersonal, runJob, search } from "./testing/erasing.ts";

// The application's own triggers refuse what the dry run did not come to.

let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, email text);
     CREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, street text);
     CREATE TABLE guarded (visit bigint PRIMARY KEY, code text NOT NULL);
     CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE refused text := (SELECT code FROM guarded WHERE visit = OLD.id);
     BEGIN
       IF refused IS NOT NULL THEN RAISE EXCEPTION 'Invoices of % stay', OLD.street USING ERRCODE = refused; END IF;
       RETURN NEW;
     END$$;
     CREATE TRIGGER guard BEFORE UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION guard();`,
  );
  await confirmPersonal(db.id, "public.users.email", "public.visits.street");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

/** A person with rows, whose erasure was agreed to. */
async function leave(user: number, rows: number): Promise<string> {
  await db.client.query(
    `INSERT INTO users VALUES (${user}, 'person${user}@example.com');
     INSERT INTO visits SELECT ${user} * 100000 + n, ${user}, 'Side Street ' || n FROM generate_series(1, ${rows}) AS n`,
  );
  const { id } = await search(admin.actor, db, { table: "users", record: String(user) });
  await agree(admin, officer, id);
  return id;
}

const guard = (visit: number, code: string) => db.client.query("INSERT INTO guarded VALUES ($1, $2)", [visit, code]);
const jobOf = async (id: string) => (await readErasure(admin.actor, id)).runJob ?? "";

test("a trigger that refuses a later batch ends the erasure incomplete, with a certificate of what was done", async () => {
  const id = await leave(2, 4_005);
  await guard(204_005, "P0001");
  await runJob(admin.actor, eraseRows, await jobOf(id));
  const { state, certificate } = await readErasure(admin.actor, id);
  expect(state).toBe("incomplete");
  expect(await openCertificate(certificate ?? "")).toMatchObject({
    rows: { redacted: 4_001 },
    items: expect.arrayContaining([
      expect.objectContaining({ where: "public.visits", count: 2_000, beyond: 2_005, beyondDone: 2_000 }),
      expect.objectContaining({ where: "public.users", count: 1, beyond: 0, beyondDone: 0 }),
    ]),
    check: { clean: false },
  });
  const [check] = await listChecks(admin.actor, id);
  expect(check?.notReached).toContainEqual({
    where: "rows beyond the first batch",
    why: "A rule of public.visits refuses it (P0001): none of these rows was changed.",
  });
  expect((await ledgerOf(db.id)).map((one) => one.id)).toContain(id);
}, 120_000);

test("a trigger that refuses the first rows leaves the person to be planned anew", async () => {
  const id = await leave(3, 2);
  await guard(300_002, "42501");
  await expect(runJob(admin.actor, eraseRows, await jobOf(id))).rejects.toMatchObject({ code: "stale_plan" });
  expect(await readErasure(admin.actor, id)).toMatchObject({
    state: "found",
    error: expect.stringContaining("public.visits refuses it (42501)"),
  });
});

test("an erasure whose job is over after rows were changed is in the ledger, and goes on", async () => {
  const id = await leave(4, 2);
  const job = await jobOf(id);
  const inLedger = async () => (await ledgerOf(db.id)).some((one) => one.id === id);
  const cut: typeof eraseRows = {
    ...eraseRows,
    run: (running) =>
      eraseRows.run({
        ...running,
        step: (name, work) => (name.includes("log") ? Promise.reject(new Error("killed")) : running.step(name, work)),
      }),
  };
  await expect(runJob(admin.actor, cut, job)).rejects.toThrow("killed");
  expect(await inLedger()).toBe(false);
  await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE id = $1", [job]);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "running" });
  expect(await inLedger()).toBe(true);
  await runJob(admin.actor, eraseRows, (await resumeErasure(admin.actor, { id })).job);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
});
