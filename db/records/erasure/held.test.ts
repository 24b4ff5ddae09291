import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { checkErasure } from "./check.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { readErasure } from "./list.ts";
import { agree, confirmPersonal, item, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE); CREATE TABLE orders (id bigint PRIMARY KEY, mail text); CREATE TABLE homes (id bigint PRIMARY KEY, user_id bigint REFERENCES users, street text)",
  );
  await confirmPersonal(db.id, "public.users.email", "public.orders.mail", "public.homes.street");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

let user = 100;
let mail: string;

// Each test has a person of its own.
beforeEach(async () => {
  user += 1;
  mail = `grace${user}@example.com`;
  await db.client.query("INSERT INTO users VALUES ($1, $2)", [user, mail]);
  await db.client.query("INSERT INTO orders VALUES ($1, $2)", [user, mail]);
});

const found = () => search(admin.actor, db, { table: "users", record: String(user) });

/** Does something once the step "look again" has ended. */
function holding(running: RunningJob, then: () => Promise<unknown>): RunningJob["step"] {
  return async (name, work) => {
    const receipt = await running.step(name, work);
    if (name === "look again") await then();
    return receipt;
  };
}

describe("an erasure and legal holds", () => {
  test("leaves rows that a legal hold keeps as they are, with their entries, and says how many", async () => {
    const { rows: hold } = await controlPool().query(
      `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ($1, 'record', $2, 'public', 'orders', $3, 'A case') RETURNING id`,
      [`case ${user}`, db.id, String(user)],
    );
    const { id, plan } = await found();
    expect(item(plan, "column public.orders")).toMatchObject({ count: 1, held: 1 });
    expect(plan.held).toBe(1);
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const { rows } = await db.client.query("SELECT mail FROM orders WHERE id = $1", [user]);
    expect(rows).toEqual([{ mail }]);
    const { rows: log } = await db.client.query(
      "SELECT DISTINCT resource_type FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%' || $1 || '%'",
      [mail],
    );
    expect(log).toEqual([{ resource_type: "orders" }]);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
    await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE id = $1", [hold[0].id]);
  });

  test("refuses when a legal hold was placed after the plan was agreed to, with nothing done", async () => {
    const { id } = await found();
    const job = await agree(admin, officer, id);
    const hold = () =>
      controlPool().query(
        `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ($1, 'record', $2, 'public', 'users', $3, 'A case')`,
        [`late ${user}`, db.id, String(user)],
      );
    // In the narrowest place: after the rows were looked at again, before they are changed.
    const kind = {
      ...eraseRows,
      run: (running: RunningJob) => eraseRows.run({ ...running, step: holding(running, hold) }),
    };
    await expect(runJob(admin.actor, kind, job)).rejects.toMatchObject({
      code: "stale_plan",
      message: expect.stringMatching(/legal hold keeps rows of public.users/),
    });
    expect((await db.client.query("SELECT FROM users WHERE email = $1", [mail])).rowCount).toBe(1);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "found" });
    await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE name = $1", [`late ${user}`]);
  });

  test("leaves the entries of rows that are gone as they are where a legal hold keeps them", async () => {
    await db.client.query("DELETE FROM orders WHERE id = $1", [user]);
    const { rows: hold } = await controlPool().query(
      `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ($1, 'record', $2, 'public', 'orders', $3, 'A case') RETURNING id`,
      [`gone ${user}`, db.id, String(user)],
    );
    const { id } = await found();
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const of =
      "SELECT FROM caretaker.audit_logs WHERE resource_type = 'orders' AND audit_logs::text LIKE '%' || $1 || '%'";
    expect((await db.client.query(of, [mail])).rowCount).toBe(2);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
    await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE id = $1", [hold[0].id]);
    expect(await runJob(admin.actor, checkErased, (await checkErasure(admin.actor, { id })).job)).toMatchObject({
      clean: false,
    });
  });

  test("looks into the log for rows that are free, beside those that a legal hold keeps", async () => {
    const [kept, free] = [user * 10, user * 10 + 1];
    await db.client.query("INSERT INTO homes VALUES ($1, $3, 'Kept Street'), ($2, $3, 'Free Street')", [
      kept,
      free,
      user,
    ]);
    await controlPool().query(
      `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ($1, 'record', $2, 'public', 'homes', $3, 'A case')`,
      [`beside ${user}`, db.id, String(kept)],
    );
    const { id } = await found();
    const run = await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    expect(run).toMatchObject({ clean: true });
    // The row itself is free of values again; the log is not.
    await db.client.query("UPDATE homes SET street = 'Free Street' WHERE id = $1", [free]);
    await db.client.query("UPDATE homes SET street = NULL WHERE id = $1", [free]);
    expect(await runJob(admin.actor, checkErased, (await checkErasure(admin.actor, { id })).job)).toMatchObject({
      clean: false,
      remaining: [{ where: "the log of public.homes", count: 2 }],
    });
    await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE name = $1", [`beside ${user}`]);
  });

  test("rows that are held take no room from free ones, however many they are", async () => {
    const homes = `SELECT ${user} * 10000 + n, ${user}`;
    await db.client.query(
      `INSERT INTO homes ${homes}, 'Kept Street' FROM generate_series(1, 2100) AS n;
       INSERT INTO homes ${homes}, 'Free Street' FROM generate_series(2101, 4105) AS n`,
    );
    const rule = { schema: "public", table: "homes", tenant: null, record: null, values: { street: "Kept Street" } };
    await controlPool().query(
      `INSERT INTO legal_holds (name, kind, database_id, schema, "table", rules, reason) VALUES ($1, 'filter', $2, 'public', 'homes', $3, 'A case')`,
      [`room ${user}`, db.id, JSON.stringify([rule])],
    );
    const { id, plan } = await found();
    expect(item(plan, "path public.homes")).toMatchObject({ count: 2_000, held: 0, beyond: 5 });
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const { rows } = await db.client.query(
      "SELECT street, count(*)::int AS homes FROM homes WHERE user_id = $1 GROUP BY 1 ORDER BY 1",
      [user],
    );
    expect(rows).toEqual([
      { street: "Kept Street", homes: 2_100 },
      { street: null, homes: 2_005 },
    ]);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
    await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE name = $1", [`room ${user}`]);
  }, 120_000);
});
