import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { schemaDump } from "../testing/schema-state.ts";
import { applyAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import { planAdoption } from "./plan.ts";
import { proposeModel } from "./propose.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { foreignDatabase, query } from "./testing/fleet.ts";

const schema = `
  CREATE TABLE teams (id integer PRIMARY KEY, name text);
  CREATE TABLE posts (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams, title text, deleted_at timestamptz);
  CREATE TABLE notes (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams, deleted_at timestamptz);
  CREATE VIEW active_notes AS SELECT id FROM notes;
  INSERT INTO teams VALUES (1, 'One'); INSERT INTO posts VALUES (1, 1, 'Live', NULL), (2, 1, 'Gone', now());`;

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
  const { hash, statements } = await planAdoption(administrator, databaseId);
  await applyAdoption(administrator, { databaseId, planHash: hash });
  return statements.map(({ sql }) => sql).filter((sql) => /\bVIEW\b/.test(sql) && !sql.includes("VIEW caretaker."));
}

test("views of live rows are made where they are asked for, follow their tables, and go with the adoption", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  const before = await schemaDump(url);
  const proposed = await proposeModel(administrator, databaseId);
  const tables = proposed.tables.map((table) => ({ ...table, activeView: table.softDelete !== null }));
  await confirmModel(administrator, { databaseId, model: { ...proposed, tables } });

  expect((await apply(databaseId)).filter((sql) => sql.startsWith("CREATE"))).toEqual([
    expect.stringContaining('CREATE OR REPLACE VIEW "public"."active_posts" WITH (security_invoker = true)'),
  ]);
  expect((await planAdoption(administrator, databaseId)).problems.map(({ message }) => message)).toContain(
    "There is a view active_notes that somebody else made; it is left as it is.",
  );
  expect(await query(url, "SELECT title FROM active_posts")).toEqual([{ title: "Live" }]);
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);

  await query(url, "ALTER TABLE posts ADD COLUMN body text");
  const drifted = await planAdoption(administrator, databaseId);
  expect(drifted.drift.map(({ what }) => what)).toContain(
    "The view active_posts does not show its columns as they are now.",
  );
  await apply(databaseId);
  await query(url, "ALTER TABLE posts RENAME COLUMN title TO headline");
  await apply(databaseId);
  expect(await query(url, "SELECT headline, body FROM active_posts")).toEqual([{ headline: "Live", body: null }]);

  await query(
    url,
    "ALTER TABLE posts RENAME COLUMN headline TO title; DROP VIEW active_posts; ALTER TABLE posts DROP COLUMN body",
  );
  await apply(databaseId);
  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await schemaDump(url)).toBe(before);
});
