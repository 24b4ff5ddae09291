import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase, withDatabase } from "../fleet.ts";
import { adoptControl } from "../managed/control.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { readAudit } from "./asked.ts";
import { filterTerms } from "./contract.ts";
import { type Budget, guardOf } from "./guard.ts";
import { countNewer } from "./newer.ts";
import { offerValues } from "./query/offer.ts";
import { setReading } from "./reading.ts";
import { searchAudit } from "./search.ts";
import { allTime } from "./windows.ts";

let db: Adopted;
let ada: Awaited<ReturnType<typeof person>>;
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  const client = await controlPool().connect();
  await adoptControl(client);
  client.release();
  ada = await person("administrator", "Ada");
  sam = await person("support", "Sam");
  db = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text, status text)");
  await db.client.query("INSERT INTO notes SELECT n, 'body ' || n, 'open' FROM generate_series(1, 20) AS n");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

async function recorded() {
  const { rows } = await searchAudit(ada.actor, { database: consoleDatabase, q: "action:search_audit" });
  return rows.map(({ actor }) => actor.name);
}

describe("reading the log", () => {
  test("is itself recorded for the roles that it is set for, once a search and not once a page", async () => {
    const first = await readAudit(sam.actor, { database: db.id, q: "table:notes" });
    await readAudit(sam.actor, { database: db.id, q: "table:notes" }, first.next);
    await readAudit(ada.actor, { database: db.id, q: "table:notes" });
    expect(await recorded()).toEqual(["Sam", ...(first.next === null ? ["Sam"] : [])]);
    const { rows } = await searchAudit(ada.actor, {
      database: consoleDatabase,
      q: 'action:search_audit value:"table:notes"',
    });
    expect(rows.length).toBeGreaterThan(0);
  });

  test("is recorded or not as an administrator says, which is recorded as well", async () => {
    await expect(
      setReading(sam.actor, { administrator: false, support: false, compliance: false }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await setReading(ada.actor, { administrator: true, support: false, compliance: true });
    const before = await recorded();
    await readAudit(sam.actor, { q: "table:notes" });
    await readAudit(ada.actor, { q: "table:notes" });
    expect(await recorded()).toEqual(["Ada", ...before]);
    const { rows } = await searchAudit(ada.actor, { database: consoleDatabase, q: "table:policies" });
    expect(rows.map(({ actor }) => actor.name)).toEqual(["Ada", "Ada", "Ada"]);
  });
});

describe("a question", () => {
  test("that no index serves is refused before it reads too much, and says what to add", async () => {
    await db.client.query("SELECT caretaker.index_staged(1000)");
    await db.client.query("ANALYZE caretaker.audit_logs");
    const ask = (q: string, budget: Budget, sleepS = 0) =>
      withDatabase(db.id, (client) => {
        const text = "SELECT FROM caretaker.audit_logs WHERE changes ? 'status' LIMIT 50";
        const run = async () => (await client.query(`SELECT pg_sleep(${sleepS})`)).rowCount;
        return guardOf(client, "shop", filterTerms({ q }), budget)(allTime, { text, values: [] }, run);
      });
    const none = { entries: 1, cost: 0, chanceMs: 100 };
    const refusal = {
      code: "too_broad",
      message: expect.stringContaining("of shop"),
      fix: expect.stringContaining("at:-7d"),
    };
    await expect(ask("changed:status", none, 30)).rejects.toMatchObject(refusal);
    await expect(ask("changed:status", { ...none, cost: 1e9 }, 30)).rejects.toMatchObject(refusal);
    expect(await ask("changed:status", { ...none, cost: 1e9 })).toBe(1);
    expect(await ask("table:notes action:delete", none)).toBe(1);
    // The planner expects one entry of a partition that has none: of those staged, and of those without a month.
    expect(await ask("changed:status at:..2020", { ...none, entries: 2 })).toBe(1);
  });

  test("that is broad is answered all the same when its newest entries answer it", async () => {
    const { rows } = await searchAudit(ada.actor, { database: db.id, q: "new.status:open" });
    expect(rows).toHaveLength(20);
  });
});

describe("a list that is open", () => {
  test("is told how many entries have come since its first row", async () => {
    const filter = { database: db.id, q: "table:notes action:delete" };
    const [top] = (await searchAudit(ada.actor, { database: db.id, q: "table:notes" })).rows;
    const since = { at: top?.at ?? "", id: top?.id ?? "" };
    expect(await countNewer(sam.actor, { ...filter, ...since })).toEqual({ count: 0, silent: [] });
    await db.client.query("DELETE FROM notes WHERE id <= 3; UPDATE notes SET status = 'done' WHERE id = 9");
    expect(await countNewer(sam.actor, { ...filter, ...since })).toEqual({ count: 3, silent: [] });
  });
});

describe("completion", () => {
  test.each([
    ["action", "", ["create", "update", "delete", "truncate"]],
    ["table", "no", ["notes", "none"]],
    ["changed", "sta", ["status"]],
    ["actor", "sam", [expect.stringContaining("@")]],
    ["actor", "sys", ["system"]],
    ["database", "cons", ["console"]],
    ["at", "-3", ["-30d", "-365d"]],
  ])("offers values of %s that begin with “%s”", async (field, begin, expected) => {
    const { values } = await offerValues(sam.actor, {
      field,
      begin,
      database: field === "database" ? undefined : db.id,
    });
    expect(values.map(({ value }) => value)).toEqual(expect.arrayContaining(expected));
    expect(values.every(({ value }) => begin === "" || field === "actor" || value.startsWith(begin))).toBe(true);
  });

  test("offers values of a column as they were before", async () => {
    const { values } = await offerValues(sam.actor, { field: "old", key: "status", begin: "op", database: db.id });
    expect(values).toEqual([{ value: "open" }]);
  });
});

test("what counts and completes names a database that does not answer, and goes on without it", async () => {
  await registerDatabase("postgres://nobody@127.0.0.1:1/nowhere");
  const [top] = (await searchAudit(ada.actor, { q: "table:notes" })).rows;
  const since = { at: top?.at ?? "", id: top?.id ?? "" };
  await db.client.query("DELETE FROM notes WHERE id = 20");
  expect(await countNewer(sam.actor, { q: "table:notes", ...since })).toEqual({ count: 1, silent: ["nowhere"] });
  const offered = await offerValues(sam.actor, { field: "old", key: "status", begin: "op" });
  expect(offered).toEqual({ values: [{ value: "open" }], silent: ["nowhere"] });
});
