import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { servers } from "../schema/fleet.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { moveMonth } from "./archive/testing/move.ts";
import { moveToPast } from "./archive/testing/past.ts";
import { findMonths } from "./cold/find-months.ts";
import { is, printQuery } from "./contract.ts";
import { rowContext } from "./names-as-of-rows.ts";
import { recordAt, recordVersions } from "./record-at.ts";
import { recordHistory } from "./record-history.ts";
import { requestStory, transactionStory } from "./story.ts";
import { whoDeleted } from "./who-deleted.ts";
import { findDeletionMonths } from "./who-deleted-months.ts";

const ddl = `
  CREATE TABLE users (id bigint PRIMARY KEY, name text, email text, phone text);
  CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, number text, total numeric);
  CREATE TABLE pages (id int PRIMARY KEY, slug text, title text, trashed_at timestamptz)`;
const months = ["2025-10", "2025-11", "2025-12"];
const looking = { signal: new AbortController().signal, onProgress: () => {} };
let ada: Person;
let db: Adopted;
/** What the log said while everything was in it. */
let then: Awaited<ReturnType<typeof answers>>;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-archived-"));
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(
    ddl,
    {
      users: { maskedColumns: ["phone"] },
      pages: { softDelete: { column: "trashed_at", kind: "timestamp" } },
    },
    { usersTable: { schema: "public", table: "users", key: "id", name: "name", slug: null } },
  );
  await request("1", "req-0", [
    `INSERT INTO users VALUES (1, 'Grace Hopper', 'grace@example.com', NULL), (2, 'Alan O''Turing', 'alan@example.com', '555-2'),
                              (3, 'Kay', 'kay@example.com', NULL)`,
    "INSERT INTO orders VALUES (70, 2, 'ORD-70', 9007199254740993.10), (71, 2, 'ORD-71', 1)",
    "INSERT INTO pages VALUES (5, 'welcome', 'Welcome', NULL)",
  ]);
  await request("1", "req-1", ["UPDATE users SET name = 'Alan M. O''Turing' WHERE id = 2"]);
  await moveToPast(db.client, "2025-10");
  await request("1", "req-2", ["DELETE FROM users WHERE id = 2"]);
  await request("1", "req-3", [
    "UPDATE users SET email = 'kay.new@example.com' WHERE id = 3",
    "UPDATE pages SET trashed_at = now() WHERE id = 5",
  ]);
  await moveToPast(db.client, "2025-11");
  await request("3", "req-4", ["INSERT INTO users VALUES (2, 'Alan Again', 'again@example.com', NULL)"]);
  await moveToPast(db.client, "2025-12");
  await request("1", "req-5", ["DELETE FROM users WHERE id = 3", "UPDATE users SET name = 'Alan Now' WHERE id = 2"]);
  then = await answers([]);
  for (const month of months) {
    expect(await moveMonth(ada.actor, "audit.archive", db.id, month)).toMatchObject({ state: "done" });
  }
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

async function request(user: string, id: string, statements: readonly string[]): Promise<void> {
  await db.client.query("BEGIN");
  await db.client.query("SELECT caretaker.set_context(user_id => $1, ip_address => '10.1.2.3', request_id => $2)", [
    user,
    id,
  ]);
  for (const sql of statements) await db.client.query(sql);
  await db.client.query("COMMIT");
}

const alan = () => ({ database: db.id, schema: "public", table: "users", record: "2" });
const moments = ["2025-10-05", "2025-10-20", "2025-11-20", "2025-12-20", "2099-01-01"].map((day) => `${day}T00:00:00Z`);

/** Every question of this file, asked with these archived months. */
async function answers(read: readonly string[]) {
  const history = await recordHistory(ada.actor, alan(), null, read);
  const at = await Promise.all(moments.map((moment) => recordAt(ada.actor, alan(), moment, read)));
  const asked = ["Alan M. O'Turing", "o'turing", "alan@", "ORD-70", "2", "welcome", "kay@example.com", "555-2"];
  const who = await Promise.all(asked.map((text) => whoDeleted(ada.actor, { text, database: db.id }, read)));
  return {
    history: history.rows,
    at: at.map(({ state, values, entry, next }) => ({ state, values, entry, next })),
    who: who.map(({ deletions }) => deletions),
    story: await tellOf(requestStory(ada.actor, "req-2", { months: read })),
  };
}

async function tellOf(story: ReturnType<typeof requestStory>) {
  const { sentence, html, counts, tree, entries } = await story;
  return { sentence, html, counts, tree, entries };
}

/** Without what only says where an entry lies. */
function withoutPlace<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, part) => (key === "archived" ? undefined : part)));
}

describe("over archived months that are read", () => {
  test("a record's history, a record at any time, a story and who deleted this are what they were in the log", async () => {
    const now = withoutPlace(await answers(months));
    expect(now).toEqual(withoutPlace(then));
    expect(now.who.map((deletions) => deletions.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(now.history).toHaveLength(5);
    expect(now.story.sentence).toBe("Grace Hopper deleted 2 orders and 1 user");
  });

  test("each entry says in which month it lies", async () => {
    const { rows } = await recordHistory(ada.actor, alan(), null, months);
    expect(rows.map(({ archived }) => archived)).toEqual([undefined, "2025-12", "2025-11", "2025-10", "2025-10"]);
    const [gone] = (await whoDeleted(ada.actor, { text: "o'turing" }, months)).deletions;
    expect(gone).toMatchObject({ archived: "2025-11", actor: { name: "Grace Hopper" }, back: { action: "create" } });
  });

  test("pages of a history neither repeat nor lose an entry between the log and its archive", async () => {
    const { rows } = await recordHistory(ada.actor, alan(), null, months);
    const cursor = Buffer.from(JSON.stringify([rows[1]?.at, rows[1]?.id, db.id])).toString("base64url");
    const rest = await recordHistory(ada.actor, alan(), cursor, months);
    expect(rest.rows).toEqual(rows.slice(2));
  });

  test("two versions are compared wherever their entries lie", async () => {
    const [now, again, , changed] = then.history.map(({ id }) => id);
    const pair = await recordVersions(ada.actor, alan(), [changed ?? "", now ?? ""]);
    expect([pair.older.values, pair.newer.values].map((text) => JSON.parse(text ?? "").name)).toEqual([
      "Alan M. O'Turing",
      "Alan Now",
    ]);
    await expect(recordVersions(ada.actor, alan(), [again ?? "", changed ?? ""])).resolves.toBeDefined();
  });
});

describe("a story of which the time is known", () => {
  test("is read from its archived month without being asked to", async () => {
    const [gone] = then.who[0] ?? [];
    const place = { near: gone?.at ?? "" };
    const story = await transactionStory(ada.actor, db.id, gone?.transaction ?? "", place);
    expect(withoutPlace(await tellOf(Promise.resolve(story)))).toEqual(withoutPlace(then.story));
    expect(story.first.archived).toBe("2025-11");
    expect((await requestStory(ada.actor, "req-2", place)).sentence).toBe(story.sentence);
    await expect(transactionStory(ada.actor, db.id, gone?.transaction ?? "")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("while archived months are not read", () => {
  test("a record at a time says which months may tell otherwise", async () => {
    const unread = await Promise.all(moments.map(async (at) => (await recordAt(ada.actor, alan(), at)).unread));
    expect(unread).toEqual([
      ["2025-12", "2025-11", "2025-10"],
      ["2025-12", "2025-11", "2025-10"],
      ["2025-12", "2025-11"],
      ["2025-12"],
      [],
    ]);
    for (const at of moments) expect((await recordAt(ada.actor, alan(), at, months)).unread).toEqual([]);
  });

  test("a name of then is not given as certain", async () => {
    const name = async (user: string, at: string, read: readonly string[] = []) => {
      const table = { schema: "public", table: "orders" };
      const moment = { at: `${at}T00:00:00Z`, id: null };
      return (await rowContext(ada.actor, db.id, table, [`{"user_id": ${user}}`], moment, read)).names.user_id;
    };
    expect(await name("1", "2026-01-05")).toMatchObject([{ name: "Grace Hopper", known: "unread" }]);
    expect(await name("1", "2026-01-05", months)).toMatchObject([{ name: "Grace Hopper", known: "past" }]);
    expect(await name("2", "2025-10-20")).toMatchObject([{ name: "Alan M. O'Turing", known: "past" }]);
  });
});

describe("looking in the archive", () => {
  const ofRecord = () => ({ database: db.id, q: printQuery([is("table", "users"), is("record", "2")]) });

  test("tells which months have a part in the answer", async () => {
    expect(await findMonths(ada.actor, ofRecord(), looking)).toEqual({ months, entries: 4, silent: [] });
    expect(await findMonths(ada.actor, { q: "request:req-2" }, looking)).toMatchObject({ months: ["2025-11"] });
    expect(await findMonths(ada.actor, { q: "request:nothing" }, looking)).toMatchObject({ months: [], entries: 0 });
    const who = async (text: string) => (await findDeletionMonths(ada.actor, { text }, looking)).months;
    expect(await who("o'turing")).toEqual(["2025-11", "2025-12"]);
    expect(await who("kay@example.com")).toEqual(["2025-11"]);
    expect(await who("555-2")).toEqual(["2025-11", "2025-12"]);
    expect(await who("nobody@example.com")).toEqual([]);
  });

  test("shows how far it is, and ends when it is cancelled", async () => {
    const seen: [number, number, string][] = [];
    await findMonths(ada.actor, ofRecord(), { ...looking, onProgress: (...progress) => seen.push(progress) });
    expect(seen).toEqual([...[...months].reverse().map((month, at) => [at, 3, month]), [3, 3, "2025-10"]]);
    const leaving = new AbortController();
    const cancelled = findDeletionMonths(
      ada.actor,
      { text: "o'turing" },
      { signal: leaving.signal, onProgress: () => leaving.abort(new Error("the reader left")) },
    );
    await expect(cancelled).rejects.toThrow("the reader left");
  });

  test("is recorded for those whose reading is", async () => {
    const { actor, id } = await person("support");
    const after = await newestEntry();
    await findDeletionMonths(actor, { text: "o'turing" }, looking);
    expect(await auditedSince(after)).toEqual([{ action: "search_archive", table: "audit_logs", by: id }]);
  });
});

describe("when the database does not answer", () => {
  test("what is archived is told all the same, and what could not be said is named", async () => {
    const [gone] = then.who[0] ?? [];
    await closeFleet();
    await control().update(servers).set({ port: 1 });
    const silent = [expect.objectContaining({ databaseId: db.id })];
    const history = await recordHistory(ada.actor, alan(), null, months);
    expect(history.rows.map(({ archived }) => archived)).toEqual(["2025-12", "2025-11", "2025-10", "2025-10"]);
    expect(history.silent).toEqual(expect.arrayContaining(silent));
    const story = await transactionStory(ada.actor, db.id, gone?.transaction ?? "", { near: gone?.at });
    expect(story).toMatchObject({ sentence: "Actor 1 deleted 2 orders and 1 user", entries: 3 });
    expect(story.silent).toEqual(
      expect.arrayContaining([expect.objectContaining({ kept: "entries that are not archived" })]),
    );
    const { deletions, ...found } = await whoDeleted(ada.actor, { text: "o'turing" }, months);
    expect(deletions).toMatchObject([{ record: "2", archived: "2025-11", back: { action: "create" } }]);
    expect(found.silent.filter(({ kept }) => kept === undefined)).toEqual(silent);
  });
});
