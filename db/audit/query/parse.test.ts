import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completionAt, fieldsBegun } from "./complete.ts";
import { fields, isAddress, named } from "./fields.ts";
import { isMoment, momentBounds } from "./moments.ts";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import { exact, type Term, type Value } from "./terms.ts";

function terms(text: string): Term[] {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${parsed.at}: ${parsed.message}`);
  return parsed.terms;
}

const is = (field: string, ...values: (string | Value)[]) => ({
  op: "is",
  field,
  negated: false,
  values: values.map((value) => (typeof value === "string" ? exact(value) : value)),
});
const text = (words: string) => ({ op: "text", field: "text", negated: false, text: words });
const prefix = (begin: string): Value => ({ match: "prefix", text: begin });
const none: Value = { match: "none", text: "" };

describe("a filter", () => {
  test.each<[string, unknown[]]>([
    ["", []],
    ["  \t ", []],
    ["action:user.get", [is("action", "user.get")]],
    ["action:user.* table:c,d", [is("action", prefix("user.")), is("table", "c", "d")]],
    ["ACTION:delete", [is("action", "delete")]],
    ["event:delete user:7 id:9", [is("action", "delete"), is("actor", "7"), is("record", "9")]],
    ["actor:b82c4cfa428342ac822c42c1f6b89200", [is("actor", "b82c4cfa428342ac822c42c1f6b89200")]],
    ['actor:"Mario Nguyen"', [is("actor", "Mario Nguyen")]],
    ['actor:"Mario N"*', [is("actor", prefix("Mario N"))]],
    ['reason:"debit, \\"credit\\" \\\\ more"', [is("reason", 'debit, "credit" \\ more')]],
    ["some free text", [text("some"), text("free"), text("text")]],
    ["action:login plus some", [is("action", "login"), text("plus"), text("some")]],
    ['"free text as one"', [text("free text as one")]],
    ["a AND b", [text("a"), text("b")]],
    ['"OR"', [text("OR")]],
    ["12:30 ::1", [text("12:30"), text("::1")]],
    ["-actor:system", [{ ...is("actor", { match: "system", text: "" }), negated: true }]],
    ['actor:"system"', [is("actor", "system")]],
    ["actor:unknown,(unknown),NONE", [is("actor", none, none, none)]],
    ["-word", [{ ...text("word"), negated: true }]],
    ["table:* request:none", [is("table", prefix("")), is("request", none)]],
    ["old.active:true", [{ ...is("old", "true"), key: "active" }]],
    ['new."first name":null,""', [{ ...is("new", { match: "null", text: "" }, ""), key: "first name" }]],
    ["new.total:10..20", [{ op: "range", field: "new", key: "total", negated: false, from: "10", to: "20" }]],
    ['old.name:"a b".."c"', [{ op: "range", field: "old", key: "name", negated: false, from: "a b", to: "c" }]],
    ["at:2017-01-01..2018-01-01", [{ op: "range", field: "at", negated: false, from: "2017-01-01", to: "2018-01-01" }]],
    ["received:..2018", [{ op: "range", field: "at", negated: false, to: "2018" }]],
    ["at:2026-10", [{ op: "range", field: "at", negated: false, from: "2026-10", to: "2026-10" }]],
    ["at:-30d", [{ op: "range", field: "at", negated: false, from: "-30d" }]],
    ["ip:10.0.0.0/8,::1", [is("ip", "10.0.0.0/8", "::1")]],
    ["ip:10.0.0.1..10.0.0.9", [{ op: "range", field: "ip", negated: false, from: "10.0.0.1", to: "10.0.0.9" }]],
    ["tx:18446744073709551615", [is("tx", "18446744073709551615")]],
  ])("%s is read", (typed, expected) => {
    expect(terms(typed)).toEqual(expected);
  });

  test.each<[string, number, string]>([
    ["action:delete tabel:users", 14, "Did you mean table:?"],
    ["http://x", 0, "Quote it"],
    ["action:", 7, "A value is missing"],
    ["action:a,,b", 9, "A value is missing"],
    ["action:a,", 9, "A value is missing"],
    ['x actor:"Ada', 8, "never closed"],
    ['actor:"Ada"x', 11, "A space is missing"],
    ["a - b", 2, "without a space"],
    ["a --b", 2, "without a space"],
    ["a OR b", 2, "Alternatives are a list"],
    ["NOT a", 0, "minus"],
    ["table:a*b", 7, "stands at the end"],
    ["tx:1*", 4, "takes no *"],
    ["tx:18446744073709551616", 3, "tx cannot be"],
    ["at:2026-02-30", 3, "at cannot be"],
    ["at:..", 3, "needs an end"],
    ["at:2026-01-01,2026-02-01", 13, "from..to"],
    ["ip:300.1.1.1", 3, "ip cannot be"],
    ["ip:10.0.0.0/33", 3, "ip cannot be"],
    ["old:true", 3, "Say which column"],
    ["old.:true", 3, "Say which column"],
    ["action.x:true", 6, "has no parts"],
    ['a ""', 2, "nothing between"],
    ["old.x:a,1..2", 9, "stands alone"],
    ["a".repeat(2_001), 2_000, "at most 2000"],
    ["a ".repeat(41), 80, "at most 40"],
    ["ab\u0000", 2, "No database"],
    ["ab\ud800c", 2, "No database"],
  ])("%s is refused at its character", (typed, at, message) => {
    const parsed = parseQuery(typed);
    expect(parsed).toMatchObject({ ok: false, at, message: expect.stringContaining(message) });
  });

  test("reads the same again once it is printed, whatever its values are", () => {
    const word = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
      .filter((value) => !/^\s*$|\0/.test(value));
    const matches = fc.constantFrom<Value["match"]>("exact", "prefix");
    const value = fc.record({ match: matches, text: word });
    const term = fc.oneof(
      fc.record({
        op: fc.constant("is" as const),
        field: fc.constantFrom("action" as const, "actor" as const, "tenant" as const, "reason" as const),
        negated: fc.boolean(),
        values: fc.array(value, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        op: fc.constant("is" as const),
        field: fc.constantFrom("old" as const, "new" as const),
        key: word,
        negated: fc.boolean(),
        values: fc.array(value, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        op: fc.constant("range" as const),
        field: fc.constant("new" as const),
        key: word,
        negated: fc.boolean(),
        from: word,
        to: word,
      }),
      fc.record({
        op: fc.constant("text" as const),
        field: fc.constant("text" as const),
        negated: fc.boolean(),
        text: word,
      }),
    );
    fc.assert(
      fc.property(fc.array(term, { maxLength: 6 }), (given) => {
        const printed = printQuery(given);
        fc.pre(printed.length <= 2_000);
        expect(terms(printed)).toEqual(given);
      }),
    );
  });

  test("is read or refused with a character inside it, and never fails", () => {
    const piece = fc.constantFrom(
      '"',
      "-",
      ":",
      ",",
      "..",
      "*",
      "\\",
      " ",
      "old.",
      "at",
      "action",
      "2026",
      "é",
      "😀",
      "\u0000",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
        const typed = pieces.join("");
        const parsed = parseQuery(typed);
        if (!parsed.ok) expect(parsed.at >= 0 && parsed.at <= typed.length).toBe(true);
      }),
    );
  });
});

describe("every field", () => {
  test.each(named)("%s is told by an example that is read", (field) => {
    const { example, keyed } = fields[field];
    expect(terms(`${field}${keyed ? ".x" : ""}:${example}`)).toHaveLength(1);
  });
});

describe("time", () => {
  const now = Date.parse("2026-05-05T12:00:00Z");
  test.each([
    [{ from: "2026", to: "2026" }, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"],
    [{ from: "2026-12", to: "2026-12" }, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00.000Z"],
    [{ from: "2024-02-29", to: "2024-02-29" }, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00.000Z"],
    [{ from: "-1d", to: "-1h" }, "2026-05-04T12:00:00.000Z", "2026-05-05T11:00:00.000Z"],
    [{ from: "2026-05-01T10:00", to: "2026-05-01T10:00" }, "2026-05-01T10:00Z", "2026-05-01T10:01:00.000Z"],
    [{ from: "2026-05-01T10:00", to: "2026-05-01T11:00+02:00" }, "2026-05-01T10:00Z", "2026-05-01T11:00+02:00"],
    [
      { from: "2026-05-01T10:00:00.999999Z", to: "2026-05-01T10:00:00.999999Z" },
      "2026-05-01T10:00:00.999999Z",
      "2026-05-01T10:00:01.000Z",
    ],
  ])("%o has its whole length", (range, from, to) => {
    expect(momentBounds(range, now)).toEqual({ from, to });
  });

  test.each(["2026-13", "2026-02-29", "yesterday", "-30", "2026-01-01T25:00", "2026-1-1", ""])(
    "%s is none",
    (typed) => {
      expect(isMoment(typed)).toBe(false);
    },
  );
});

test.each([
  ["10.0.0.1", true],
  ["10.0.0.0/8", true],
  ["::", true],
  ["2001:db8::/32", true],
  ["::ffff:10.0.0.1", true],
  ["1:2:3:4:5:6:7:8", true],
  ["1:2:3:4:5:6:7", false],
  ["1::2::3", false],
  ["10.0.0", false],
  ["10.0.0.01", false],
  ["::/129", false],
  ["abc", false],
])("%s is an address: %s", (typed, fine) => {
  expect(isAddress(typed)).toBe(fine);
});

describe("completion", () => {
  test.each([
    ["", { what: "field", begin: "" }],
    ["action:delete ta", { what: "field", begin: "ta", negated: false, start: 14, end: 16 }],
    ["-ac", { what: "field", begin: "ac", negated: true, start: 0, end: 3 }],
    ["table:pay", { what: "value", field: "table", begin: "pay", start: 6, end: 9 }],
    ["-table:users,pay", { what: "value", field: "table", begin: "pay", start: 13, end: 16 }],
    ["old.sta", { what: "key", field: "old", begin: "sta", start: 4, end: 7 }],
    ["old.status:o", { what: "value", field: "old", key: "status", begin: "o", start: 11 }],
    ['actor:"Ada L', { what: "value", field: "actor", begin: "Ada L", start: 6, end: 12 }],
    ['"free te', null],
    ["nothing:x", null],
  ])("at the end of %s", (typed, expected) => {
    if (expected === null) expect(completionAt(typed, typed.length)).toBeNull();
    else expect(completionAt(typed, typed.length)).toMatchObject(expected);
  });

  test("replaces the word that the caret is in", () => {
    expect(completionAt("table:payments action:x", 9)).toMatchObject({ begin: "pay", start: 6, end: 14 });
  });

  test("knows fields by their other names too", () => {
    expect(fieldsBegun("us")).toEqual(["actor", "agent"]);
    expect(fieldsBegun("")).toEqual(named);
  });
});
