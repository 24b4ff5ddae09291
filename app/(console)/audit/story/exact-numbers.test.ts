import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { copyFormats } from "#components/diff/copy-formats.ts";
import { fieldChanges, pathChanges } from "#components/diff/fields.ts";
import { equal } from "#components/diff/json.ts";
import { parseLossless, parseRow } from "#db/audit/lossless.ts";
import { RowDiff } from "./row-diff.tsx";

// Numbers of the log on their way to the screen and to the clipboard.

const before = '{"id": 9007199254740993, "price": 7.70, "info": {"sum": 1.10, "said": "1.10"}, "sizes": [1.50, 2]}';
const after = '{"id": 9007199254740993, "price": 8, "info": {"sum": 1.10, "said": 1.10}, "sizes": [1.50, 2.0]}';
const types = { id: "bigint", price: "numeric", info: "jsonb", sizes: "numeric[]" };

test("a number is a number, whatever its digits, and no text", () => {
  const row = { database: "console", schema: "public", table: "orders", record: "1" };
  const context = { names: {}, types, key: ["id"], silent: [] };
  const html = renderToStaticMarkup(createElement(RowDiff, { row, before, after, context }));
  expect(html).toContain(">numeric<");
  expect(html.match(/>info\.said<.*?>text → number</)).not.toBeNull();
  expect(html.split("text → number")).toHaveLength(2);
  expect(html).toContain(">7.70<");
  expect(equal(parseLossless("1.10"), parseLossless('"1.10"'))).toBe(false);
  expect(equal(parseLossless("[1.10]"), parseLossless("[1.10]"))).toBe(true);
  expect(
    pathChanges(parseLossless('[{"id": 9007199254740993}, 1]'), parseLossless('[{"id": 9007199254740993}]')),
  ).toEqual([{ field: "[1]", kind: "deleted", before: 1, after: undefined }]);
});

test("what is copied is what the log holds, digit for digit", () => {
  const all = fieldChanges(parseRow(before), parseRow(after));
  const changed = all.filter(({ kind }) => kind !== "same");
  const target = { schema: "public", table: "orders", key: ["id"], types };
  const texts = new Map(copyFormats(changed, all, "orders 1", target).map(({ name, text }) => [name, text]));
  expect(texts.get("SQL")).toBe(`UPDATE public.orders
   SET price = 8,
       info = '{"sum":1.10,"said":1.10}'::jsonb,
       sizes = ARRAY[1.50, 2.0]::numeric[]
 WHERE id = 9007199254740993;`);
  expect(texts.get("JSON")).toContain('"before": 7.70');
  expect(texts.get("Markdown")).toContain("| price | 7.70 | 8 |");
  expect(texts.get("text")).toContain("price: 7.70 -> 8");
});
