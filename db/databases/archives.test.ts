import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet, inDatabase } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { schemaDump } from "../testing/schema-state.ts";
import { applyAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import type { DatabaseModel } from "./contract.ts";
import { planAdoption } from "./plan.ts";
import { proposeModel } from "./propose.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { foreignDatabase, query } from "./testing/fleet.ts";

const schema = `
  CREATE TABLE teams (id integer PRIMARY KEY, name text);
  CREATE TABLE posts (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams, title text, password text);
  CREATE TABLE lines (post_id integer REFERENCES posts ON DELETE CASCADE, n integer, PRIMARY KEY (post_id, n));
  INSERT INTO teams VALUES (1, 'One'); INSERT INTO posts VALUES (1, 1, 'First', 'secret'), (2, 1, 'Second', 'secret'), (3, 1, 'Third', 'x');
  INSERT INTO lines VALUES (1, 1), (1, 2);`;

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function apply(databaseId: string): Promise<string[]> {
  const { hash, units } = await planAdoption(administrator, databaseId);
  await applyAdoption(administrator, { databaseId, planHash: hash });
  return units.map(({ name }) => name);
}

test("an archive holds what the application removes, in its own transaction, without what is masked, and goes with the adoption", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  const before = await schemaDump(url);
  const proposed = await proposeModel(administrator, databaseId);
  const confirm = (archive: boolean) => {
    const tables = proposed.tables.map((table) => ({ ...table, archive: archive && table.name !== "teams" }));
    return confirmModel(administrator, { databaseId, model: { ...proposed, tables } satisfies DatabaseModel });
  };
  await confirm(true);
  expect(await apply(databaseId)).toEqual(
    expect.arrayContaining(["archive of public.posts", "archive of public.lines"]),
  );
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);

  await query(url, "SELECT set_config('app.current_user_id', 'ann', false); DELETE FROM posts WHERE id = 1");
  expect(await query(url, `SELECT record, "row", tenant_id FROM caretaker.deleted_posts_archive`)).toEqual([
    { record: "1", row: { id: 1, team_id: 1, title: "First" }, tenant_id: "1" },
  ]);
  expect(await query(url, "SELECT record, deleted_by FROM caretaker.deleted_lines_archive ORDER BY 1")).toEqual([
    { record: '["1","1"]', deleted_by: "ann" },
    { record: '["1","2"]', deleted_by: "ann" },
  ]);
  await query(url, "BEGIN; DELETE FROM posts WHERE id = 2; ROLLBACK");
  await inDatabase(administrator, databaseId, (client) => client.query("DELETE FROM posts WHERE id = 3"));
  await query(url, "ALTER TABLE posts RENAME COLUMN title TO headline; DELETE FROM posts WHERE id = 2");
  const [count] = await query<{ records: string[] }>(
    url,
    "SELECT array_agg(record ORDER BY record) AS records FROM caretaker.deleted_posts_archive",
  );
  expect(count?.records).toEqual(["1", "2"]);
  await query(url, "ALTER TABLE posts RENAME COLUMN headline TO title");

  await query(url, "ALTER TABLE posts DISABLE TRIGGER caretaker_archive");
  const drifted = await planAdoption(administrator, databaseId);
  expect(drifted.drift.map(({ what }) => what)).toEqual(["The archive of its removed rows is not as the model asks."]);
  expect(await apply(databaseId)).toEqual(["archive of public.posts"]);

  await confirm(false);
  expect(await apply(databaseId)).toEqual(["archive of public.lines", "archive of public.posts"]);
  expect(await query(url, "SELECT to_regclass('caretaker.deleted_posts_archive') AS there")).toEqual([{ there: null }]);
  await confirm(true);
  await apply(databaseId);
  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await schemaDump(url)).toBe(before);
});
