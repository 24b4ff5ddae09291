import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { whoDeleted } from "../audit/who-deleted.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { isOver } from "../jobs/contract.ts";
import { readJob } from "../jobs/read.ts";
import { type Working, work } from "../jobs/work.ts";
import { moveJobs } from "../moves/jobs.ts";
import { readDeletion } from "../records/bin/deletion.ts";
import { deletionRows } from "../records/bin/deletion-rows.ts";
import { listDeletions } from "../records/bin/list.ts";
import { listDeleted } from "../records/bin/rows.ts";
import { restoreJobs } from "../records/restore/jobs.ts";
import { listRestores } from "../records/restore/report/list.ts";
import { readRestore } from "../records/restore/report/read.ts";
import { codes, restoring } from "../records/restore/testing/restoring.ts";
import { freshControl } from "./databases.ts";
import { type MovingHouse, openHouse } from "./moving-house.ts";
import { type Person, person } from "./people.ts";

let house: MovingHouse;
let ada: Person;
let working: Working;
/** The database's, by which people know it. */
let name: string;
/** What there was of each client before it went. */
const before = new Map<number, object[]>();
let transactions: { one: string; third: string; mixed: string };

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  house = await openHouse();
  name = new URL(house.home.url).pathname.slice(1);
  for (let id = 101; id <= 109; id++) before.set(id, await sql(whole(id)));
  transactions = {
    one: await remove("id = 101"),
    third: await remove("id = 103"),
    mixed: await remove("id IN (104, 201)"),
  };
  await remove("id = 102");
  await sql("UPDATE clients SET name = 'Renamed' WHERE id = 105");
  await sql("UPDATE clients SET deleted_at = now() WHERE id = 106");
  await sql("DELETE FROM bills WHERE id = 1071");
  working = work([...moveJobs, ...restoreJobs], { log: pino({ level: "silent" }), pollMs: 20 });
});

afterAll(async () => {
  await working.stop();
  await house.home.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, run, restore, deletionOf, lastDeletion } = restoring(
  () => house.home,
  () => ada.actor,
);

const lives = () => house.lives();
const there = <Row extends object>(text: string) => house.there<Row>(text);

async function remove(which: string): Promise<string> {
  await sql(`DELETE FROM clients WHERE ${which}`);
  return lastDeletion();
}

/** What there is of a client and of what hangs from it, as the database prints it. */
const whole = (id: number) => `
  SELECT (SELECT to_jsonb(c)::text FROM clients AS c WHERE c.id = ${id}) AS client,
         (SELECT count(*)::int FROM bills WHERE client = ${id}) AS bills,
         (SELECT count(*)::int FROM lines JOIN bills ON bills.id = lines.bill WHERE client = ${id}) AS lines,
         (SELECT count(*)::int FROM calls WHERE client = ${id}) AS calls`;
const nothing = [{ client: null, bills: 0, lines: 0, calls: 0 }];

test("what went before its tenant moved comes back in the tenant's own schema, is proven there, and is taken back there", async () => {
  const transaction = transactions.one;
  const shownHere = await plan({ transaction });
  expect(shownHere).toMatchObject({ status: "clean", writes: 8, database: house.home.id });
  await house.move(ada.actor, "schema", async () => {
    const marked = await listDeleted(ada.actor, { database: house.home.id, kind: "soft" });
    expect(marked.rows).toMatchObject([{ record: "106", schema: (await lives()).schema }]);
  });
  const { schema } = await lives();
  await expect(run(shownHere)).rejects.toMatchObject({ code: "stale_plan" });
  const where = { database: house.home.id, transaction };
  const moved = `Tenant 1 lives in ${name}, schema ${schema} now, and its rows come back there.`;
  expect(await readDeletion(ada.actor, where)).toMatchObject({ rows: 7, open: 7, lives: [moved] });

  const { restore: id, plan: shown } = await restore({ transaction });
  expect(shown).toMatchObject({ status: "clean", writes: 8, tenant: "1", database: house.home.id, problems: [] });
  expect(new Set(shown.tables.map((table) => table.schema))).toEqual(new Set([schema]));
  expect(shown.notes).toEqual([
    `It was deleted in ${name}, schema public; it is written to ${name}, schema ${schema}, where its tenant 1 lives now.`,
  ]);
  expect(await there(whole(101))).toEqual(before.get(101));
  expect(await sql(whole(101))).toEqual(nothing);
  expect(await readRestore(ada.actor, { id })).toMatchObject({ state: "done", written: 8, exact: 8, recordedIn: null });
  expect(await plan({ transaction })).toMatchObject({ status: "nothing", writes: 0 });

  await inTheBin({ transaction, open: 0 });
  await restore({ undo: id });
  expect(await there(whole(101))).toEqual(nothing);
});

/** How much of a deletion the bin says is deleted still, wherever it is asked. */
async function inTheBin({ transaction, open }: { transaction: string; open: number }): Promise<void> {
  const where = { database: house.home.id, transaction };
  expect(await readDeletion(ada.actor, where)).toMatchObject({ rows: 7, open });
  const { rows: listed } = await listDeletions(ada.actor, { database: house.home.id, q: `tx:${transaction}` });
  expect(listed).toMatchObject([{ rows: 7, open, lives: [expect.stringContaining("Tenant 1 lives in")] }]);
  const { rows } = await deletionRows(ada.actor, where);
  expect(rows.filter(({ state }) => state === "deleted")).toHaveLength(open);
  const { rows: gone } = await listDeleted(ada.actor, where);
  expect(gone).toHaveLength(open);
  const { name: database, schema } = await lives();
  for (const { movedTo } of gone) expect(movedTo).toBe(`${database}, schema ${schema}`);
}

test("of a deletion whose rows live in several places each tenant's are planned by themselves", async () => {
  const transaction = transactions.mixed;
  const both = await plan({ transaction });
  expect(codes(both)).toEqual(["lives_elsewhere row", "lives_elsewhere row"]);
  expect(both.problems[0]?.examples[0]).toMatchObject({ mover: "1", offers: ["skip"] });
  expect(await plan({ transaction, tenant: "1" })).toMatchObject({ status: "clean", writes: 8, tenant: "1" });
  expect(await plan({ transaction, tenant: "2" })).toMatchObject({ status: "clean", writes: 8, tenant: "2" });
  await expect(plan({ transaction, tenant: "3" })).rejects.toMatchObject({ code: "not_found" });
});

test("what went before comes back in a database of the tenant's own, and a plan is refused once the tenant has moved on", async () => {
  const entry = await deletionOf("clients", "102");
  const { deletions } = await whoDeleted(ada.actor, { text: "102" });
  expect(deletions).toMatchObject([{ id: entry, database: house.home.id, how: "removed" }]);
  const inSchema = await plan({ entry });
  expect(inSchema).toMatchObject({ status: "clean", writes: 8, database: house.home.id });
  await there("DELETE FROM clients WHERE id = 108");
  const { restore: left } = await restore({ transaction: transactions.mixed, tenant: "1" });
  await house.move(ada.actor, "database", async () => {
    expect(new Set(codes(await plan({ undo: left })))).toEqual(new Set(["lives_elsewhere row"]));
  });
  const own = await lives();
  const refused = { code: "stale_plan", message: expect.stringContaining(own.name) };
  await expect(run(inSchema)).rejects.toMatchObject(refused);

  await controlPool().query(
    `INSERT INTO erasures (database_id, subject, subject_ref, basis, sealed, asked_by, state) VALUES ($1, 'x', 'x', 'x', 'x', 'Ada', 'done')`,
    [own.database],
  );
  const { restore: id, plan: shown } = await restore({ entry });
  expect(shown).toMatchObject({ status: "clean", writes: 8, database: own.database });
  expect(shown.notes).toEqual([
    `It was deleted in ${name}, schema public; it is written to ${own.name}, schema public, where its tenant 1 lives now.`,
    `People were erased in ${own.name}, which does not reach the log of ${name}: make sure that these rows name none of them.`,
  ]);
  expect(await there(whole(102))).toEqual(before.get(102));
  const again = await whoDeleted(ada.actor, { text: "102" });
  expect(again.deletions.find((one) => one.id === entry)?.back).toMatchObject({
    action: "create",
    database: own.database,
    databaseName: own.name,
  });
  const said = { state: "done", written: 8, exact: 8, database: own.database, recordedIn: name };
  expect(await readRestore(ada.actor, { id })).toMatchObject(said);
  expect((await listRestores(ada.actor, { database: house.home.id })).rows[0]).toMatchObject({ id });
  const { rows } = await house.home.client.query<{ xact: string }>(
    "SELECT transaction_id::text AS xact FROM caretaker.audit_logs WHERE id = $1",
    [entry],
  );
  await inTheBin({ transaction: rows[0]?.xact ?? "", open: 0 });
  await inTheBin({ transaction: transactions.third, open: 7 });

  await there(`INSERT INTO caretaker.holds (id, name, rules, placed_by, placed_at)
    VALUES (gen_random_uuid(), 'Smith v. One', '[{"schema": "public", "table": "bills", "tenant": null, "record": "1021", "values": {}}]', 'Ada', now())`);
  expect(codes(await plan({ database: own.database, undo: id }))).toEqual(["held row"]);
  await there("DELETE FROM caretaker.holds");
  await run(await plan({ database: own.database, undo: id }));
  expect(await there(whole(102))).toEqual(nothing);
});

test("of two restores of one deletion that come at once one writes its rows there, and the other is refused", async () => {
  const planned = await plan({ transaction: transactions.one });
  const came = await Promise.allSettled([run(planned), run(planned)]);
  expect(came.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await there(whole(101))).toEqual(before.get(101));
});

test("a parent that went where the tenant lives now comes back from the log there", async () => {
  const child = await deletionOf("bills", "1071");
  await there("DELETE FROM clients WHERE id = 107");
  const { database } = await lives();
  const orphan = await plan({ entry: child });
  expect(codes(orphan)).toEqual(["parent_deleted bills_client_fkey"]);
  expect(orphan.problems[0]?.examples[0]?.about).toMatchObject({ database, table: "clients", record: "107" });
  await restore({ entry: child, choose: { parent_deleted: { do: "include" } } });
  expect(await there("SELECT id FROM bills WHERE client = 107")).toEqual([{ id: 1071 }]);
});

test("a job writes in chunks where the tenant lives, and a suspended tenant is said to be", async () => {
  await there("INSERT INTO caretaker.suspended_tenants (tenant_key, reason) VALUES ('1', 'unpaid')");
  const planned = await plan({ q: `tx:${transactions.third}` });
  expect(planned).toMatchObject({ status: "clean", writes: 8, database: (await lives()).database });
  expect(planned.notes.join()).toContain("Tenant 1 is suspended");
  const { job } = await run(planned, ada.actor, { atOnce: 2, inChunk: 3 });
  for (let over = false; !over; over = isOver((await readJob(ada.actor, job ?? "")).state)) await pause(50);
  expect(await there(whole(103))).toEqual(before.get(103));
});

test("a row that was marked before its tenant moved loses its mark there, and a record is taken back to a version of before", async () => {
  await there("DELETE FROM clients WHERE id = 101");
  const both = await plan({ row: [await deletionOf("clients", "101"), "public.clients:106"] });
  expect(both).toMatchObject({ status: "clean", writes: 9, database: (await lives()).database });
  await restore({ schema: "public", table: "clients", record: "106" });
  expect(await there(whole(106))).toEqual(before.get(106));
  const renamed = await sql<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE resource_id = '105' AND action = 'update'",
  );
  await restore({ schema: "public", table: "clients", record: "105", version: renamed[0]?.id ?? "", side: "before" });
  expect(await there(whole(105))).toEqual(before.get(105));
});

test("what went in a place of the tenant's own that is gone since comes back where it lives, also among others again", async () => {
  const inSchema = await restore({ entry: await deletionOf("clients", "108") });
  expect(inSchema.plan).toMatchObject({ status: "clean", writes: 8, database: (await lives()).database });
  expect(await there(whole(108))).toEqual(before.get(108));

  const own = await lives();
  await there("DELETE FROM clients WHERE id = 109");
  const [entry] = await there<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE action = 'delete' AND resource_type = 'clients' AND resource_id = '109'",
  );
  await house.move(ada.actor, "shared");
  const { plan: shown } = await restore({ database: own.database, entry: entry?.id ?? "" });
  expect(shown).toMatchObject({ status: "clean", writes: 8, database: house.home.id, problems: [] });
  expect(await sql(whole(109))).toEqual(before.get(109));
});
