import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditQuery, type EntryActor, filterQuery, filterTerms, momentOf, readFilter } from "./contract.ts";
import { ExactNumber, parseLossless } from "./lossless.ts";
import { entrySentence } from "./sentence.ts";
import { truncateWords } from "./truncate-words.ts";

const ada: EntryActor = { id: "1", name: "Ada", kind: "user", role: null, application: null };
const told = { schema: "public", table: "users", record: "42", actor: ada, changed: [], rows: null };

describe("sentences", () => {
  test.each([
    [{ ...told, action: "create" }, "Ada created users 42"],
    [{ ...told, action: "update", changed: ["email", "name"] }, "Ada changed email and name of users 42"],
    [{ ...told, action: "update", changed: ["a", "b", "c", "d", "e"] }, "Ada changed a, b, c and 2 more of users 42"],
    [{ ...told, action: "delete", schema: "sales", record: '["7","x"]' }, "Ada deleted sales.users (7,x)"],
    [{ ...told, action: "delete", record: null }, "Ada deleted a row of users"],
    [{ ...told, action: "truncate", record: null, rows: "120" }, "Ada emptied users, 120 rows"],
    [{ ...told, action: "sign_in", record: "1" }, "Ada signed in"],
    [{ ...told, action: "report_sent", table: null, record: null }, 'Ada did "report sent"'],
    [
      {
        ...told,
        action: "delete",
        actor: { ...ada, id: null, name: null, kind: "unknown", role: "app", application: "psql" },
      },
      "An unknown actor (role app, psql) deleted users 42",
    ],
    [
      { ...told, action: "delete", actor: { ...ada, impersonator: { id: "9", name: "Sam" } } },
      "Sam as Ada deleted users 42",
    ],
    [
      { ...told, action: "create", actor: { ...ada, apiKey: "nightly (5f3c2a1b)" } },
      "Ada by the key nightly (5f3c2a1b) created users 42",
    ],
  ] as const)("say what happened: %#", (entry, sentence) => {
    expect(entrySentence({ ...entry, changed: [...entry.changed] })).toBe(sentence);
  });
});

describe("numbers", () => {
  test("keep every digit", () => {
    expect(parseLossless('{"a": 9007199254740993, "b": [1.10, 1.5], "c": 7, "d": "1.10"}')).toEqual({
      a: new ExactNumber("9007199254740993"),
      b: [new ExactNumber("1.10"), 1.5],
      c: 7,
      d: "1.10",
    });
  });

  test("are printed as they were, wherever they stand", () => {
    const text = '{"price":1.10,"of":[9007199254740993,{"n":-0.50}],"said":"1.10"}';
    expect(JSON.stringify(parseLossless(text))).toBe(text);
  });

  test("of any size read back as they were printed", () => {
    fc.assert(fc.property(fc.bigInt(), (value) => String(parseLossless(String(value))) === String(value)));
  });
});

describe("filters", () => {
  test("survive the address", () => {
    const query = "tenant=acme&q=action%3Acreate%2Cdelete+table%3A%22Order+%26+Co%22+at%3A-30d..2026-01-01";
    const { filter, dropped } = readFilter(Object.fromEntries(new URLSearchParams(query)));
    expect(dropped).toEqual([]);
    expect(filter.q).toBe('action:create,delete table:"Order & Co" at:-30d..2026-01-01');
    expect(filterQuery(filter)).toBe(query);
  });

  test("are still read from links that name one field a param", () => {
    const query =
      "actor=(unknown)&action=create,delete&table=Order%26Co&record=%5B%22a%22,1%5D&from=-30d&to=2026-01-01&text=x";
    const { filter } = readFilter(Object.fromEntries(new URLSearchParams(query)));
    expect(filter).toEqual({
      q: 'action:create,delete actor:none table:Order&Co record:"[\\"a\\",1]" x at:-30d..2026-01-01',
    });
    expect(auditQuery.parse({ action: ["create"], q: "table:users" }).q).toBe("table:users action:create");
  });

  test("name what cannot be read, and keep the rest", () => {
    const params = { database: "x", from: "soon", transaction: "1;2", action: "create", page: "2" };
    const { filter, dropped } = readFilter(params);
    expect(dropped.toSorted()).toEqual(["database", "from", "transaction"]);
    expect(filter).toEqual({ q: "action:create" });
  });

  test("by named fields are refused where one of them cannot be read, and never asked without it", () => {
    const read = auditQuery.safeParse({ from: "yesterday", transaction: "1;2", action: "delete" });
    expect(read.error?.issues.map(({ path }) => path).toSorted()).toEqual([["from"], ["transaction"]]);
    expect(auditQuery.safeParse({ from: "-1d", action: "delete" }).success).toBe(true);
  });

  test("are never asked in part: what cannot be read is shown with its character", () => {
    const read = readFilter({ q: "action:delete tabel:users" });
    expect(read.problem).toMatchObject({ q: "action:delete tabel:users", at: 14 });
    expect(read.filter).toEqual({});
    expect(() => filterTerms({ q: "a: b" })).toThrow("character 1");
    expect(auditQuery.safeParse({ q: "tx:abc" }).success).toBe(false);
  });

  test("a day is meant whole, in UTC", () => {
    const now = Date.parse("2026-05-05T12:00:00Z");
    expect(momentOf("2026-03-31", "from", now)).toBe("2026-03-31T00:00:00Z");
    expect(momentOf("2026-03-31", "to", now)).toBe("2026-04-01T00:00:00.000Z");
    expect(momentOf("-1w", "from", now)).toBe("2026-04-28T12:00:00.000Z");
  });
});

test.each([
  [{ rows: 3, estimated: false, kept: true }, "3 rows, each kept as a deletion of its own."],
  [{ rows: 12_000, kept: false, not_kept: { limit: 10_000 } }, "12,000 rows, only counted: at most 10,000 are kept."],
  [{ rows: 1, kept: false, not_kept: { error: "42703" } }, "1 row, only counted: keeping them met the error 42703."],
  [{ rows: 2e6, estimated: true, kept: false }, "About 2,000,000 rows, only counted: the entry does not say why."],
  [{ role: "app" }, null],
])("what a TRUNCATE's entry says of its rows is told in words: %j", (metadata, words) => {
  expect(truncateWords(JSON.stringify(metadata))).toBe(words);
});
