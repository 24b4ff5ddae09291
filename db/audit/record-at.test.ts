import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { staffActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { rowContext } from "./names-as-of-rows.ts";
import { recordAt, recordVersions } from "./record-at.ts";
import { recordHistory } from "./record-history.ts";

const ddl = `
  CREATE TABLE owners (id int PRIMARY KEY, name text, phone text);
  CREATE TABLE things (id int PRIMARY KEY, owner_id int REFERENCES owners, note text);
  INSERT INTO owners VALUES (1, 'Silent', '555');
  INSERT INTO things VALUES (9, 1, 'before the audit')`;

let db: Adopted;
let ada: Awaited<ReturnType<typeof person>>;
const moments: string[] = [];

/** Runs a statement, and remembers a time between it and the next one. */
async function then(sql: string): Promise<void> {
  await db.client.query(sql);
  const { rows } = await db.client.query<{ at: string }>("SELECT clock_timestamp()::text AS at, pg_sleep(0.01)");
  moments.push(rows[0]?.at ?? "");
}

const thing = (record: string) => ({ database: db.id, schema: "public", table: "things", record });

beforeAll(async () => {
  await freshControl();
  ada = await person("compliance", "Ada");
  db = await adoptedDatabase(ddl, { owners: { maskedColumns: ["phone"] } });
  await then("SELECT 1");
  await then("INSERT INTO owners VALUES (2, 'Grace', '556'); INSERT INTO things VALUES (1, 2, 'a')");
  await then(
    "UPDATE owners SET name = 'Grace Hopper' WHERE id = 2; UPDATE things SET note = 'b', owner_id = 1 WHERE id = 1",
  );
  await then("UPDATE things SET id = 5 WHERE id = 1");
  await then("DELETE FROM things WHERE id IN (5, 9); DELETE FROM owners WHERE id = 2");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

describe("a record at a time", () => {
  test.each([
    ["1", 0, "gone", null],
    ["1", 1, "exists", '{"id": 1, "note": "a", "owner_id": 2}'],
    ["1", 2, "exists", '{"id": 1, "note": "b", "owner_id": 1}'],
    ["1", 3, "gone", null],
    ["5", 2, "gone", null],
    ["5", 3, "exists", '{"id": 5, "note": "b", "owner_id": 1}'],
    ["5", 4, "gone", null],
    ["9", 0, "exists", '{"id": 9, "note": "before the audit", "owner_id": 1}'],
    ["77", 4, "unrecorded", null],
  ])("thing %s after step %i: %s", async (record, step, state, values) => {
    expect(await recordAt(ada.actor, thing(record), moments[step] ?? "")).toMatchObject({ state, values });
  });

  test("two versions stand in the order that they came to be, whichever was named first", async () => {
    const { rows } = await recordHistory(ada.actor, thing("1"));
    const [moved, changed, made] = rows.map(({ id }) => id);
    const pair = await recordVersions(ada.actor, thing("1"), [changed ?? "", made ?? ""]);
    expect([pair.older.values, pair.newer.values].map((text) => JSON.parse(text ?? "").note)).toEqual(["a", "b"]);
    const gone = await recordVersions(ada.actor, thing("1"), [made ?? "", moved ?? ""]);
    expect(gone.newer.state).toBe("gone");
    await expect(recordVersions(ada.actor, thing("1"), ["1", "x"])).rejects.toMatchObject({ code: "not_found" });
  });

  test("names what its keys pointed at as it was called then, or honestly as it is called now", async () => {
    const names = async (step: number, image: string) =>
      (await rowContext(ada.actor, db.id, thing(""), [image], { at: moments[step] ?? "", id: null })).names.owner_id;
    expect(await names(1, '{"owner_id": 2}')).toMatchObject([{ value: "2", name: "Grace", known: "past" }]);
    expect(await names(2, '{"owner_id": 2}')).toMatchObject([{ name: "Grace Hopper", known: "past" }]);
    expect(await names(4, '{"owner_id": 2}')).toMatchObject([{ name: "Grace Hopper", known: "former" }]);
    expect(await names(0, '{"owner_id": 2}')).toMatchObject([{ name: null, known: "absent" }]);
    expect(await names(4, '{"owner_id": 1}')).toMatchObject([{ name: "Silent", known: "present" }]);
    expect(await names(4, '{"owner_id": null}')).toBeUndefined();
    const { types, key } = await rowContext(ada.actor, db.id, thing(""), [], { at: moments[0] ?? "", id: null });
    expect([types, key]).toEqual([{ id: "integer", owner_id: "integer", note: "text" }, ["id"]]);
  });

  test("is refused without the capability", async () => {
    const powerless = staffActor({ staffId: ada.id, name: "Ada", role: "support", only: ["tenants.read"] });
    await expect(recordAt(powerless, thing("1"), moments[1] ?? "")).rejects.toMatchObject({ code: "forbidden" });
  });
});
