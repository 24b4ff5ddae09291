import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE pages (id integer PRIMARY KEY, slug text UNIQUE, body text, size numeric, pin text, words integer GENERATED ALWAYS AS (length(body)) STORED);`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, { pages: { maskedColumns: ["pin"] } });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE pages");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, receipts } = restoring(
  () => db,
  () => ada.actor,
);

const page = { schema: "public", table: "pages", record: "1" };

/** The entries about the page, oldest first. */
async function history(): Promise<string[]> {
  const rows = await sql<{ id: string }>(
    `SELECT id::text FROM caretaker.audit_logs WHERE resource_type = 'pages' AND resource_id = '1'
        AND created_at > (SELECT coalesce(max(created_at), '-infinity') FROM caretaker.audit_logs WHERE action = 'truncate') ORDER BY audit_logs.id`,
  );
  return rows.map(({ id }) => id);
}

test("a record goes back to an earlier version; what is masked stays as it is", async () => {
  await db.client.query(`INSERT INTO pages VALUES (1, 'a', 'one', 1.10, '1234');
    UPDATE pages SET body = 'two', size = 2 WHERE id = 1; UPDATE pages SET body = 'three', slug = 'b', pin = '9999' WHERE id = 1`);
  const [made = "", second = ""] = await history();
  const planned = await plan({ ...page, version: made });
  expect(planned).toMatchObject({ what: "version", status: "clean", writes: 1, tables: [{ writes: 1 }] });
  expect(planned.problems).toMatchObject([{ code: "masked", open: 0, offers: [] }]);
  const { restore: id } = await restore({ ...page, version: second });
  expect(await sql("SELECT slug, body, size, pin, words FROM pages")).toEqual([
    { slug: "a", body: "two", size: "2", pin: "9999", words: 3 },
  ]);
  const [receipt] = await receipts(id);
  expect(receipt).toMatchObject({
    act: "update",
    origin: "version",
    differing: [],
    earlier: { slug: "b", body: "three" },
  });
  expect(receipt?.row_hash).toEqual(receipt?.before_hash);
  await restore({ ...page, version: second, side: "before" });
  expect(await sql("SELECT body, size FROM pages")).toEqual([{ body: "one", size: "1.10" }]);
});

test("one field goes back alone", async () => {
  await db.client.query(`INSERT INTO pages VALUES (1, 'a', 'one', 1); UPDATE pages SET body = 'two', slug = 'b'`);
  const [made = ""] = await history();
  await restore({ ...page, version: made, field: ["body"] });
  expect(await sql("SELECT slug, body FROM pages")).toEqual([{ slug: "b", body: "one" }]);
});

test("a value that somebody else holds by now asks for a choice", async () => {
  await db.client.query(
    `INSERT INTO pages VALUES (1, 'a'); UPDATE pages SET slug = 'b'; INSERT INTO pages VALUES (2, 'a')`,
  );
  const [made = ""] = await history();
  expect(await plan({ ...page, version: made })).toMatchObject({ problems: [{ code: "unique_clash", open: 1 }] });
  await restore({ ...page, version: made, choose: { unique_clash: { do: "swap" } } });
  expect(await sql("SELECT id, slug FROM pages ORDER BY id")).toEqual([
    { id: 1, slug: "a" },
    { id: 2, slug: "a-restored" },
  ]);
});

test("a version of a record that was deleted since is put back, and the present version is nothing to do", async () => {
  await db.client.query(`INSERT INTO pages VALUES (1, 'a', 'one'); UPDATE pages SET body = 'two'; DELETE FROM pages`);
  const [made = "", second = "", gone = ""] = await history();
  await expect(plan({ ...page, version: gone })).rejects.toMatchObject({ code: "invalid" });
  await restore({ ...page, version: made, choose: { masked: { do: "null" } } }).catch(() =>
    restore({ ...page, version: made }),
  );
  expect(await sql("SELECT slug, body FROM pages")).toEqual([{ slug: "a", body: "one" }]);
  expect(await plan({ ...page, version: made })).toMatchObject({ status: "nothing", writes: 0 });
  await restore({ ...page, version: second });
  expect(await sql("SELECT body FROM pages")).toEqual([{ body: "two" }]);
  await expect(plan({ ...page, record: "2", version: made })).rejects.toMatchObject({ code: "not_found" });
});
