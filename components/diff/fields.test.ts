import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equal, fieldChanges, pathChanges } from "./fields.ts";

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
