import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet, withDatabase } from "../fleet.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { actorActivity } from "./actor-activity.ts";
import { rowContext } from "./names-as-of-rows.ts";
import { countNewer } from "./newer.ts";
import { offerValues } from "./query/offer.ts";
import { readEntry } from "./read-entry.ts";
import { recordAt, recordVersions } from "./record-at.ts";
import { recordHistory } from "./record-history.ts";
import { searchAudit } from "./search.ts";
import { requestStory, transactionStory } from "./story.ts";
import { listStories } from "./story-list.ts";
import { whoDeleted } from "./who-deleted.ts";

// A log that takes ten seconds to answer anything: a question that nobody waits for any more must not run on in it.

let db: Adopted;
let actor: Awaited<ReturnType<typeof person>>["actor"];
let entries: { id: string; at: string; transaction: string }[];

beforeAll(async () => {
  await freshControl();
  ({ actor } = await person("administrator", "Ada"));
  db = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await db.client.query("INSERT INTO notes VALUES (1, 'one')");
  await db.client.query("UPDATE notes SET body = 'two'");
  entries = (await searchAudit(actor, { database: db.id })).rows;
  await db.client.query(`
    ALTER TABLE caretaker.audit_logs RENAME TO fast_logs;
    CREATE VIEW caretaker.audit_logs AS
      SELECT * FROM caretaker.fast_logs WHERE (SELECT pg_sleep(10) IS NOT NULL)`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

/** How many of the console's backends are at work in the database. */
async function running(): Promise<number> {
  const { rowCount } = await db.client.query(
    `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND application_name = 'caretaker' AND pid <> pg_backend_pid()`,
  );
  return rowCount ?? 0;
}

beforeEach(async () => {
  await expect.poll(running, { timeout: 10_000 }).toBe(0);
});

/** Asks, leaves as soon as the database is at work, and waits for it to stop: well before its own time limit of 5 s. */
async function askAndLeave(ask: (signal: AbortSignal) => Promise<unknown>, most = 1): Promise<unknown> {
  const leaving = new AbortController();
  const asked = ask(leaving.signal).catch((error: unknown) => error);
  await expect.poll(running, { timeout: 4_000, interval: 20 }).toBeGreaterThanOrEqual(most);
  leaving.abort();
  await expect.poll(running, { timeout: 4_000, interval: 20 }).toBe(0);
  return asked;
}

const left = { code: "timeout", message: "The reader left before the answer." };

describe("ends in the database when its reader leaves:", () => {
  const none = { id: "", at: "", transaction: "" };
  const [first, older] = [() => entries[0] ?? none, () => entries[1] ?? none];
  const notes = () => ({ database: db.id, schema: "public", table: "notes", record: "1" });
  const filter = () => ({ database: db.id, q: "table:notes" });
  const asks: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
    "a search": (signal) => searchAudit(actor, filter(), null, 50, signal),
    "the count of what is newer": (signal) =>
      countNewer(actor, { ...filter(), at: older().at, id: older().id }, signal),
    completion: (signal) => offerValues(actor, { field: "record", begin: "1", database: db.id }, signal),
    "a list of stories": (signal) => listStories(actor, filter(), null, 50, signal),
    "one transaction": (signal) => transactionStory(actor, db.id, first().transaction, {}, signal),
    "one request": (signal) => requestStory(actor, "req-1", {}, signal),
    "one entry": (signal) => readEntry(actor, db.id, first().id, signal),
    "who deleted this": (signal) => whoDeleted(actor, { text: "1", database: db.id }, [], signal),
    "the history of a record": (signal) => recordHistory(actor, notes(), null, [], signal),
    "a record at a time": (signal) => recordAt(actor, notes(), first().at, [], signal),
    "two versions of a record": (signal) => recordVersions(actor, notes(), [older().id, first().id], [], signal),
    "an actor's activity": (signal) => actorActivity(actor, "u-1", null, signal),
  };

  test.each(Object.entries(asks))("%s", async (_what, ask) => {
    expect(await askAndLeave(ask)).toMatchObject(left);
  });

  test("what a reader left with all connections of a database at work", async () => {
    const many = (signal: AbortSignal) =>
      Promise.all([1, 2, 3, 4, 5, 6].map(() => searchAudit(actor, filter(), null, 50, signal)));
    expect(await askAndLeave(many, 4)).toMatchObject(left);
  });
});

test("nothing is begun for a reader who has left", async () => {
  const leaving = new AbortController();
  const statements: number[] = [];
  const asked = withDatabase(
    db.id,
    async (client) => {
      leaving.abort();
      await client.query("SELECT 1");
      statements.push(1);
    },
    { signal: leaving.signal },
  );
  await expect(asked).rejects.toMatchObject(left);
  const again = withDatabase(db.id, async () => statements.push(2), { signal: leaving.signal });
  await expect(again).rejects.toMatchObject(left);
  expect(statements).toEqual([]);
});

test("a courtesy is no answer for a reader who has left", async () => {
  const signal = AbortSignal.abort();
  const address = { schema: "public", table: "notes" };
  const [entry] = entries;
  const moment = { at: entry?.at ?? "", id: null };
  await expect(rowContext(actor, db.id, address, ['{"id": 1}'], moment, [], signal)).rejects.toMatchObject(left);
});
