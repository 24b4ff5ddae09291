import type { Adopted } from "#db/testing/adopted.ts";
import { lastDeletion, planned, type Race, restored, restoring } from "./race.ts";

export const ddl = `
  CREATE TABLE parents (id integer PRIMARY KEY, slug text UNIQUE);
  CREATE TABLE children (id integer PRIMARY KEY, parent integer REFERENCES parents, slug text UNIQUE);
  CREATE TABLE pointers (id integer PRIMARY KEY, parent integer REFERENCES parents ON DELETE SET NULL, note text);`;

const clear = "DELETE FROM children; DELETE FROM pointers; DELETE FROM parents;";

/** A parent with three children and a row that points to it, all of one deletion. */
const family = `BEGIN; ${clear} INSERT INTO parents VALUES (1, 'p'); INSERT INTO children SELECT n, 1, 'c' || n FROM generate_series(1, 3) n;
  INSERT INTO pointers VALUES (1, 1, 'x'); COMMIT; BEGIN; DELETE FROM children; DELETE FROM parents; COMMIT`;

const standing = `(SELECT count(*) FROM parents) + (SELECT count(*) FROM children) + (SELECT count(parent) FROM pointers)`;

async function deletedFamily(db: Adopted): Promise<{ transaction: string }> {
  await db.client.query(family);
  return { transaction: await lastDeletion(db) };
}

/** One child without a parent, deleted. */
async function deletedChild(db: Adopted, parent: "NULL" | "1"): Promise<{ transaction: string }> {
  await db.client.query(
    `BEGIN; ${clear} INSERT INTO parents VALUES (1, 'p'); INSERT INTO children VALUES (1, ${parent}, 'a'); COMMIT; DELETE FROM children`,
  );
  return { transaction: await lastDeletion(db) };
}

const refused = ["stale_plan", "conflict"];

export const races: Record<string, Race> = {
  "two restores of one deletion": {
    begin: async (db) => {
      const plan = await planned(db, await deletedFamily(db));
      return [restoring(plan), restoring(plan)];
    },
    refusals: ["stale_plan"],
    whole: `SELECT ${standing} = 5 AS whole, $1::bool, $2::bool`,
  },
  "two undos of one restore": {
    begin: async (db) => {
      const plan = await planned(db, { undo: await restored(db, await deletedFamily(db)) });
      return [restoring(plan), restoring(plan)];
    },
    refusals: refused,
    whole: `SELECT ${standing} = 0 AS whole, $1::bool, $2::bool`,
  },
  "a live row takes the unique value": {
    begin: async (db, app) => {
      const plan = await planned(db, await deletedChild(db, "NULL"));
      return [restoring(plan), () => app.query("INSERT INTO children VALUES (2, NULL, 'a')")];
    },
    refusals: [...refused, "23505"],
    whole:
      "SELECT array_agg(id) = CASE WHEN $1::bool THEN '{1}' ELSE '{2}' END::int[] AS whole, $2::bool FROM children GROUP BY 2",
  },
  "the row is made anew": {
    begin: async (db, app) => {
      const plan = await planned(db, await deletedChild(db, "NULL"));
      return [restoring(plan), () => app.query("INSERT INTO children VALUES (1, NULL, 'b')")];
    },
    refusals: [...refused, "23505"],
    whole:
      "SELECT array_agg(slug) = CASE WHEN $1::bool THEN '{a}' ELSE '{b}' END::text[] AS whole, $2::bool FROM children GROUP BY 2",
  },
  "the parent goes": {
    begin: async (db, app) => {
      const plan = await planned(db, await deletedChild(db, "1"));
      return [restoring(plan), () => app.query("DELETE FROM parents")];
    },
    refusals: [...refused, "23503"],
    whole:
      "SELECT (SELECT count(*) FROM children) = $1::bool::int AND (SELECT count(*) FROM parents) = $1::bool::int AS whole, $2::bool",
  },
  "a row that would point again points elsewhere": {
    begin: async (db, app) => {
      const plan = await planned(db, await deletedFamily(db));
      await db.client.query("INSERT INTO parents VALUES (2, 'other')");
      return [restoring(plan), () => app.query("UPDATE pointers SET parent = 2 WHERE parent IS NULL")];
    },
    refusals: refused,
    bothMayWin: true,
    whole: `SELECT (SELECT count(*) FROM children) = 3 * $1::bool::int AND (SELECT count(*) FROM parents WHERE id = 1) = $1::bool::int
                   AND (SELECT parent FROM pointers) = CASE WHEN $1::bool THEN 1 ELSE 2 END AS whole, $2::bool`,
  },
  "an undo takes a row that changes": {
    begin: async (db, app) => {
      const plan = await planned(db, { undo: await restored(db, await deletedFamily(db)) });
      return [restoring(plan), () => app.query("UPDATE children SET slug = 'changed' WHERE id = 2")];
    },
    refusals: refused,
    bothMayWin: true,
    whole: `SELECT CASE WHEN $1::bool THEN ${standing} = 0
                   ELSE ${standing} = 5 AND (SELECT slug FROM children WHERE id = 2) = 'changed' END AS whole, $2::bool`,
  },
};
