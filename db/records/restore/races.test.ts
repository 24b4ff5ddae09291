import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { planAgain } from "./plan.ts";
import { listRestores } from "./report/list.ts";
import { restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE parents (id integer PRIMARY KEY, deleted_at timestamptz);
  CREATE TABLE children (id integer PRIMARY KEY, parent integer REFERENCES parents, slug text UNIQUE);
  CREATE TABLE keyless (parent integer REFERENCES parents, what text);`;

/** Races are run so often; many more belong to the fault run. */
const times = 8;

let db: Adopted;
let ada: Person;
let bo: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  bo = await person("administrator", "Bo");
  db = await adoptedDatabase(ddl, { parents: { softDelete: { column: "deleted_at", kind: "timestamp" } } });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE parents, children, keyless CASCADE");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, run, lastDeletion, deletionOf } = restoring(
  () => db,
  () => ada.actor,
);

const reasonOf = (result: PromiseSettledResult<unknown>) =>
  result.status === "rejected" ? String(result.reason.message) : "";

test("two people restore one deletion: one does, and the other is told who did", async () => {
  for (let round = 0; round < times; round++) {
    await db.client.query(`INSERT INTO parents VALUES (1), (2); INSERT INTO children VALUES (1, 1, 'a'); INSERT INTO keyless VALUES (1, 'x');
      BEGIN; DELETE FROM children; DELETE FROM keyless; DELETE FROM parents WHERE id = 1; UPDATE parents SET deleted_at = now(); COMMIT`);
    const planned = await plan({ transaction: await lastDeletion() });
    const results = await Promise.allSettled([run(planned), run(planned, bo.actor)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const winner = results[0].status === "fulfilled" ? "Ada" : "Bo";
    const lost = results.find(({ status }) => status === "rejected");
    expect(lost).toMatchObject({ reason: { code: "stale_plan" } });
    expect(lost && reasonOf(lost)).toContain(`${winner} restored 4 of these rows at`);
    expect(
      await sql("SELECT (SELECT count(*) FROM children)::int AS c, (SELECT count(*) FROM keyless)::int AS k"),
    ).toEqual([{ c: 1, k: 1 }]);
    await db.client.query("DELETE FROM children; DELETE FROM keyless; DELETE FROM parents");
  }
  const { rows } = await listRestores(ada.actor, {});
  expect(rows.filter(({ state }) => state === "done")).toHaveLength(times);
  expect(rows.filter(({ state }) => state === "failed")).toHaveLength(times);
});

test("a live row that takes the unique value in between wins or loses, and never both", async () => {
  for (let round = 0; round < times; round++) {
    await db.client.query("INSERT INTO children VALUES (1, NULL, 'a'); DELETE FROM children");
    const planned = await plan({ entry: await deletionOf("children", "1") });
    const [restored, taken] = await Promise.allSettled([
      run(planned),
      sql("INSERT INTO children VALUES (2, NULL, 'a')"),
    ]);
    const rows = await sql<{ id: number }>("SELECT id FROM children");
    expect(rows).toEqual([{ id: restored.status === "fulfilled" ? 1 : 2 }]);
    expect([restored.status, taken.status].toSorted()).toEqual(["fulfilled", "rejected"]);
    if (restored.status === "rejected") expect(["stale_plan", "conflict"]).toContain(restored.reason.code);
    await db.client.query("DELETE FROM children");
  }
});

test("a parent that goes in between leaves no orphan", async () => {
  for (let round = 0; round < times; round++) {
    await db.client.query(
      "INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1, 1, 'a'); DELETE FROM children",
    );
    const planned = await plan({ entry: await deletionOf("children", "1") });
    const [restored, gone] = await Promise.allSettled([run(planned), sql("DELETE FROM parents")]);
    expect([restored.status, gone.status].toSorted()).toEqual(["fulfilled", "rejected"]);
    if (restored.status === "rejected") expect(["stale_plan", "conflict"]).toContain(restored.reason.code);
    expect(
      await sql("SELECT count(*)::int AS rows FROM children WHERE parent NOT IN (SELECT id FROM parents)"),
    ).toEqual([{ rows: 0 }]);
    await db.client.query("DELETE FROM children; DELETE FROM parents");
  }
});

test("a plan that does not hold any more is refused, and says what changed", async () => {
  await db.client.query("INSERT INTO children VALUES (1, NULL, 'x'), (2, NULL, 'y'); DELETE FROM children");
  const planned = await plan({ transaction: await lastDeletion() });
  await db.client.query("INSERT INTO children VALUES (9, NULL, 'x')");
  await expect(run(planned)).rejects.toMatchObject({
    code: "stale_plan",
    message: expect.stringContaining("New for 1 row: The live row, children 9, holds the same slug"),
  });
  expect((await planAgain(ada.actor, planned.hash)).changed[0]).toContain("The live row, children 9");
  await db.client.query("DELETE FROM children WHERE id = 9; INSERT INTO children VALUES (1, NULL, 'again')");
  await expect(run(planned)).rejects.toMatchObject({
    message: expect.stringContaining("A live row has this key already, children 1"),
  });
  await db.client.query("DELETE FROM children WHERE id = 1; ALTER TABLE children ADD COLUMN extra text");
  await expect(run(planned)).rejects.toMatchObject({
    message: expect.stringContaining("The table public.children was altered."),
  });
  await db.client.query("ALTER TABLE children DROP COLUMN extra");
  expect(await sql("SELECT id FROM children")).toEqual([]);
  expect((await planAgain(ada.actor, planned.hash)).changed).toEqual([]);
});
