import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { asSql } from "./copy-sql.ts";
import { Effort } from "./effort.ts";
import { FieldDiff } from "./field-diff.tsx";
import { type FieldChange, fieldChanges, pathChanges } from "./fields.ts";
import { equal } from "./json.ts";
import { diffLines } from "./lines.ts";
import { withoutNoise } from "./noise.ts";

describe("fieldChanges", () => {
  test("null, empty and absent are three different things", () => {
    const changes = fieldChanges({ a: null, b: "", c: 1 }, { a: "", b: null, d: null });
    expect(changes.map((one) => [one.field, one.kind])).toEqual([
      ["a", "changed"],
      ["b", "changed"],
      ["c", "deleted"],
      ["d", "created"],
    ]);
  });

  test("a created row is all created, a deleted row all deleted", () => {
    expect(fieldChanges(null, { a: 1 })[0]?.kind).toBe("created");
    expect(fieldChanges({ a: 1 }, null)[0]?.kind).toBe("deleted");
  });

  test("the order of JSON keys is no change", () => {
    expect(fieldChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })[0]?.kind).toBe("same");
  });

  test("every field of either side appears exactly once", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (one, other) => {
          const fields = fieldChanges(one, other).map((change) => change.field);
          expect(new Set(fields).size).toBe(fields.length);
          expect(new Set(fields)).toEqual(new Set([...Object.keys(one), ...Object.keys(other)]));
        },
      ),
    );
  });
});

describe("pathChanges", () => {
  test("names the leaf that changed and nothing else", () => {
    const before = { address: { city: "Bonn", zip: "53111" }, tags: ["a", "b"] };
    const after = { address: { city: "Köln", zip: "53111" }, tags: ["a", "b", "c"] };
    expect(pathChanges(before, after)).toEqual([
      { field: "address.city", kind: "changed", before: "Bonn", after: "Köln" },
      { field: "tags[2]", kind: "created", before: undefined, after: "c" },
    ]);
  });

  test("finds something exactly when the values differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(pathChanges(one, other).length === 0).toBe(equal(one, other));
      }),
    );
  });
});

describe("lists", () => {
  test("an item put in front is one new item", () => {
    expect(pathChanges(["a", "b"], ["x", "a", "b"], "tags")).toEqual([
      { field: "tags[0]", kind: "created", before: undefined, after: "x" },
    ]);
    expect(pathChanges([{ n: 1 }], [{ n: 0 }, { n: 1 }], "l").map(({ kind }) => kind)).toEqual(["created"]);
  });

  test("an item with an id is found again where it moved to, and what changed inside it is named", () => {
    const before = [
      { id: 1, qty: 1 },
      { id: 2, qty: 1 },
      { id: 3, qty: 1 },
    ];
    const after = [
      { id: 3, qty: 1 },
      { id: 1, qty: 5 },
      { id: 2, qty: 1 },
    ];
    expect(pathChanges(before, after, "lines")).toEqual([
      { field: "lines[1].qty", kind: "changed", before: 1, after: 5 },
      { field: "lines[2 → 0]", kind: "moved", before: { id: 3, qty: 1 }, after: { id: 3, qty: 1 } },
    ]);
  });
});

describe("what one entry may cost", () => {
  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
  const linesOf = (before: unknown, after: unknown) =>
    diffLines(fieldChanges({ f: before }, { f: after }), new Effort());

  test("lists too large to compare item by item are one change, and equal ends cost nothing", () => {
    const [before, after] = [numbers(0, 20_000), numbers(50_000, 20_001)];
    expect(linesOf(before, after)).toEqual([{ field: "f", kind: "changed", before, after, tooLarge: true }]);
    expect(linesOf(before, [...before, "new"])).toEqual([
      { field: "f[20000]", kind: "created", before: undefined, after: "new" },
    ]);
  });

  test("lists inside the items of a list, and many lists together, are bounded as one is", () => {
    const inside = (from: number) => [{ id: 1, list: numbers(from, 20_000) }];
    expect(linesOf(inside(0), inside(50_000))).toMatchObject([{ field: "f[0].list", tooLarge: true }]);
    const many = (from: number) => Object.fromEntries(numbers(0, 40).map((at) => [`l${at}`, numbers(from, 500)]));
    const lines = pathChanges(many(0), many(50_000));
    expect(lines.filter(({ tooLarge }) => !tooLarge)).toHaveLength(12 * 1_000);
    expect(lines.filter(({ tooLarge }) => tooLarge)).toHaveLength(28);
  });

  test("neither depth nor the number of paths is without a limit", () => {
    const deep = (leaf: number) => numbers(0, 2_000).reduce<unknown>((value) => [value], leaf);
    expect(pathChanges(deep(1), deep(2))).toMatchObject([{ field: "[0]".repeat(32), tooLarge: true }]);
    const wide = (value: number) => Object.fromEntries(numbers(0, 1_001).map((at) => [`k${at}`, value]));
    expect(linesOf(wide(1), wide(2))).toMatchObject([{ field: "f", tooLarge: true }]);
  });

  test("texts too long, or with too little in common, are not compared by words", () => {
    const words = (from: number, count: number) => numbers(from, count).join(" ");
    expect(linesOf(words(0, 400), `${words(0, 400)} more`)[0]?.words?.at(-1)).toMatchObject({
      value: " more",
      added: true,
    });
    expect(linesOf(words(0, 2_000), words(50_000, 2_000))).toMatchObject([{ field: "f", tooLarge: true }]);
    expect(linesOf(words(0, 50_000), `${words(0, 50_000)} more`)).toMatchObject([{ field: "f", tooLarge: true }]);
  });

  test("a long history of small changes in long texts is compared throughout", () => {
    const effort = new Effort();
    const text = (version: number) => `${numbers(0, 1_000).join(" ")} as of ${version}`;
    const history = numbers(0, 50).flatMap((at) =>
      diffLines(fieldChanges({ f: text(at) }, { f: text(at + 1) }), effort),
    );
    expect(history.every(({ words, tooLarge }) => words !== undefined && !tooLarge)).toBe(true);
  });

  test("the screen says so, and shows both values up to a length", () => {
    const [before, after] = [numbers(100_000, 20_000), numbers(500_000, 20_001)];
    const html = renderToStaticMarkup(createElement(FieldDiff, { before: { f: before }, after: { f: after } }));
    expect(html).toContain("too large to compare in detail");
    expect(html).toContain("100001");
    expect(html).toContain("500001");
    expect(html).toMatch(/and [\d,]+ more characters/);
    expect(html.length).toBeLessThan(60_000);
  });
});

describe("noise", () => {
  const field = (name: string): FieldChange => ({ field: name, kind: "changed", before: 1, after: 2 });

  test("is folded beside what was meant, and shown where there is nothing else", () => {
    const parted = withoutNoise([field("status"), field("updated_at"), field("seen")], ["seen"]);
    expect(parted.meant.map((one) => one.field)).toEqual(["status"]);
    expect(parted.noise.map((one) => one.field)).toEqual(["updated_at", "seen"]);
    expect(withoutNoise([field("updated_at")], []).meant).toHaveLength(1);
  });
});

describe("as SQL", () => {
  const target = { schema: "public", table: "order", key: ["id"], types: { tags: "text[]", info: "jsonb" } };

  test("a change is an UPDATE by its key, with every value as what it is", () => {
    const all = fieldChanges(
      { id: "9007199254740993", note: "a", tags: [], info: {}, card: "masked:1" },
      { id: "9007199254740993", note: "it's \\", tags: ["x"], info: { a: 1 }, card: "masked:2" },
    );
    const changed = all.filter(({ kind }) => kind !== "same");
    expect(asSql(changed, all, target)).toBe(
      `-- Left out, because the log holds only a hash: card
UPDATE public."order"
   SET note = E'it''s \\\\',
       tags = ARRAY['x']::text[],
       info = '{"a":1}'::jsonb
 WHERE id = '9007199254740993';`,
    );
  });

  test("a row made is an INSERT, one that went a DELETE, and without a key there is none", () => {
    const made = fieldChanges(null, { id: 1, note: null });
    expect(asSql(made, made, target)).toBe('INSERT INTO public."order" (id, note)\nVALUES (1, NULL);');
    const gone = fieldChanges({ id: 1, note: "x" }, null);
    expect(asSql(gone, gone, target)).toBe('DELETE FROM public."order"\n WHERE id = 1;');
    expect(asSql(gone, gone, { ...target, key: [] })).toBeNull();
  });
});
