import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { policy } from "../retention/testing/purging.ts";
import type { Deletion } from "./contract.ts";
import { readDeletion } from "./deletion.ts";
import { deletionRows } from "./deletion-rows.ts";
import { listDeletions } from "./list.ts";

const ddl = `
  CREATE TABLE people (id integer PRIMARY KEY, name text);
  CREATE TABLE posts (id integer PRIMARY KEY, author integer, title text, "goneAt" timestamp(3));
  CREATE TABLE notes (id integer PRIMARY KEY, post integer REFERENCES posts ON DELETE CASCADE, body text);
  CREATE TABLE flags (id integer PRIMARY KEY, is_deleted boolean NOT NULL DEFAULT false);`;

const choices: Parameters<typeof adoptedDatabase>[1] = {
  posts: { softDelete: { column: "goneAt", kind: "timestamp" } },
  flags: { softDelete: { column: "is_deleted", kind: "boolean" } },
};

let one: Adopted;
let two: Adopted;
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  sam = await person("support", "Sam");
  one = await adoptedDatabase(ddl, choices);
  two = await adoptedDatabase(ddl, choices);
  for (const { client } of [one, two]) {
    await client.query(`
      INSERT INTO people SELECT n, 'Person ' || n FROM generate_series(1, 500) n;
      INSERT INTO posts SELECT n, n, 'Post ' || n FROM generate_series(1, 60) n;
      INSERT INTO notes SELECT n, n, 'Note ' || n FROM generate_series(1, 60) n;
      INSERT INTO flags SELECT n FROM generate_series(1, 9) n`);
  }
});

afterAll(async () => {
  await one.client.end();
  await two.client.end();
  await closeFleet();
  await closeControl();
});

/** Runs the statements in one transaction and returns its id. */
async function act({ client }: Adopted, statements: string, who = "u-1", request = "req"): Promise<string> {
  await client.query("BEGIN");
  await client.query("SELECT caretaker.set_context(user_id => $1, request_id => $2, reason => 'clean-up')", [
    who,
    request,
  ]);
  await client.query(statements);
  const { rows } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
  await client.query("COMMIT");
  return rows[0]?.id ?? "";
}

async function find(database: Adopted, q: string): Promise<Deletion[]> {
  return (await listDeletions(sam.actor, { database: database.id, q })).rows;
}

describe("the list of deletions", () => {
  test("has one line for a transaction, with who, why and what in one sentence, gone and marked rows together", async () => {
    const transaction = await act(
      one,
      `DELETE FROM posts WHERE id = 1; UPDATE posts SET "goneAt" = now() WHERE id = 2; UPDATE flags SET is_deleted = true WHERE id = 1`,
    );
    const [found, ...others] = await find(one, `tx:${transaction}`);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ transaction, reason: "clean-up", request: "req", rows: 4, more: false, open: 4 });
    expect(found?.sentence).toMatch(/^Actor u-1 deleted 2 posts, 1 \w+ and 1 \w+$/);
    expect(found?.tables.map(({ table, kind, rows }) => `${table} ${kind} ${rows}`).toSorted()).toEqual([
      "flags soft 1",
      "notes hard 1",
      "posts hard 1",
      "posts soft 1",
    ]);
    expect(found?.purgeAt).toBe(null);
    await policy(one.id, "posts", { graceDays: 7 });
    const [again] = await find(one, `tx:${transaction}`);
    expect(Date.parse(again?.purgeAt ?? "") - Date.parse(again?.at ?? "")).toBe(7 * 86_400_000);
  });

  test("leaves a row that was marked earlier than its parent went a deletion of its own", async () => {
    const first = await act(one, `UPDATE posts SET "goneAt" = '2026-01-01' WHERE id = 3`);
    const second = await act(one, `UPDATE posts SET "goneAt" = now() WHERE id IN (3, 4)`);
    const ids = (await find(one, "table:posts at:-1d")).map(({ transaction, rows }) => `${transaction} ${rows}`);
    expect(ids).toContain(`${first} 1`);
    expect(ids).toContain(`${second} 1`);
  });

  test("takes filters in the audit's language", async () => {
    const mine = await act(one, "DELETE FROM people WHERE id = 400", "u-77", "req-77");
    for (const q of [
      "actor:u-77",
      "request:req-77",
      "table:people actor:u-77",
      'old.name:"Person 400"',
      "action:delete actor:u-77",
    ]) {
      expect(
        (await find(one, q)).map(({ transaction }) => transaction),
        q,
      ).toEqual([mine]);
    }
    expect(await find(one, "actor:u-77 table:posts")).toEqual([]);
    expect(await find(one, "actor:u-77 at:2020..2021")).toEqual([]);
  });

  test("says how much is deleted still, after rows came back or were removed for good", async () => {
    const transaction = await act(
      one,
      `DELETE FROM people WHERE id IN (401, 402); UPDATE posts SET "goneAt" = now() WHERE id IN (5, 6)`,
    );
    await act(
      one,
      `INSERT INTO people VALUES (401, 'Again'); UPDATE posts SET "goneAt" = NULL WHERE id = 5; DELETE FROM posts WHERE id = 6`,
    );
    const deletion = { database: one.id, transaction };
    expect(await readDeletion(sam.actor, deletion)).toMatchObject({ rows: 4, open: 1 });
    const { rows } = await deletionRows(sam.actor, deletion);
    expect(rows.map(({ table, record, state }) => `${table} ${record} ${state}`).toSorted()).toEqual([
      "people 401 back",
      "people 402 deleted",
      "posts 5 back",
      "posts 6 removed",
    ]);
    expect(rows.find(({ record }) => record === "402")).toMatchObject({ label: "Person 402", kind: "hard" });
  });

  test("pages over databases without losing or repeating a deletion", async () => {
    const expected: string[] = [];
    for (let n = 0; n < 6; n++) {
      for (const database of [one, two]) {
        const transaction = await act(
          database,
          `DELETE FROM people WHERE id IN (${n * 3 + 1}, ${n * 3 + 2}, ${n * 3 + 3})`,
          "u-pages",
        );
        expected.push(`${database.id} ${transaction}`);
      }
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listDeletions(sam.actor, { q: "actor:u-pages" }, cursor, 5);
      expect(page.silent).toEqual([]);
      seen.push(...page.rows.map(({ database, transaction }) => `${database} ${transaction}`));
      cursor = page.next;
    } while (cursor);
    expect(seen).toEqual(expected.toReversed());
  });

  test("does not end before its last page where the last deletion of each page has more rows below it", async () => {
    const expected: string[] = [];
    for (let n = 0; n < 12; n++) {
      await two.client.query("INSERT INTO people SELECT 3000 + i, 'Many' FROM generate_series(1, 60) AS i");
      expected.unshift(await act(two, "DELETE FROM people WHERE id > 3000", "u-ends"));
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listDeletions(sam.actor, { database: two.id, q: "actor:u-ends" }, cursor, 3);
      seen.push(...page.rows.map(({ transaction }) => transaction));
      cursor = page.next;
    } while (cursor);
    expect(seen).toEqual(expected);
  });

  test("tells transactions apart whose rows went by turns", async () => {
    const rival = new pg.Client(one.url);
    await rival.connect();
    const ids: string[] = [];
    for (const client of [one.client, rival]) {
      await client.query("BEGIN");
      await client.query("SELECT caretaker.set_context(user_id => 'u-turns')");
      const { rows } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
      ids.unshift(rows[0]?.id ?? "");
    }
    for (let id = 301; id <= 308; id++) {
      await (id % 2 === 0 ? rival : one.client).query("DELETE FROM people WHERE id = $1", [id]);
    }
    for (const client of [one.client, rival]) await client.query("COMMIT");
    await rival.end();
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listDeletions(sam.actor, { database: one.id, q: "actor:u-turns" }, cursor, 1);
      pages.push(...page.rows.map(({ transaction, rows }) => `${transaction} ${rows}`));
      cursor = page.next;
    } while (cursor);
    expect(pages).toEqual(ids.map((id) => `${id} 4`));
  });

  test("is not hidden by one big deletion, whose extent says that there is more", async () => {
    const before = await act(two, "DELETE FROM people WHERE id = 100", "u-big");
    await two.client.query("INSERT INTO people SELECT n, 'Crowd' FROM generate_series(1001, 2500) n");
    const big = await act(two, "DELETE FROM people WHERE id > 1000", "u-big");
    const found = await find(two, "actor:u-big");
    expect(found.map(({ transaction, rows, more, open }) => ({ transaction, rows, more, open }))).toEqual([
      { transaction: big, rows: 1000, more: true, open: null },
      { transaction: before, rows: 1, more: false, open: 1 },
    ]);
    expect(await readDeletion(sam.actor, { database: two.id, transaction: big })).toMatchObject({
      rows: 1500,
      more: false,
      open: 1500,
    });
  });

  test("has the rows of a deletion in pages, in the order in which they went", async () => {
    const transaction = await act(two, "DELETE FROM people WHERE id BETWEEN 200 AND 250");
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await deletionRows(sam.actor, { database: two.id, transaction }, cursor, 20);
      seen.push(...page.rows.map(({ record }) => record ?? ""));
      cursor = page.next;
    } while (cursor);
    expect(seen.toSorted()).toEqual(Array.from({ length: 51 }, (_, n) => String(200 + n)));
  });
});
