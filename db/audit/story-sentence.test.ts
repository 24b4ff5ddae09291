import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EntryActor } from "./contract.ts";
import { nounOf } from "./story-noun.ts";
import { partsHtml, partsText, type StoryCount, storyParts } from "./story-sentence.ts";

const ada: EntryActor = { id: "1", name: "Ada Lovelace", kind: "user", role: null, application: null };
const told = { actor: ada, tenants: new Map([["t1", "Acme"]]), more: false };
const count = (action: string, table: string | null, rows: number, tenant: string | null = "t1"): StoryCount => ({
  ...{ action, table, rows, tenant },
  schema: "public",
});

describe("a story in one sentence", () => {
  test.each([
    [
      [count("delete", "orders", 1), count("delete", "payments", 3)],
      "Ada Lovelace deleted 3 payments and 1 order of Acme",
    ],
    [
      [count("create", "orders", 1), count("update", "users", 1)],
      "Ada Lovelace created 1 order and changed 1 user of Acme",
    ],
    [
      [count("create", "a", 1, null), count("update", "b", 1, null), count("delete", "c", 2, null)],
      "Ada Lovelace created 1 a, changed 1 b and deleted 2 cs",
    ],
    [[count("delete", "orders", 1), count("delete", "orders", 2, "t2")], "Ada Lovelace deleted 3 orders of 2 tenants"],
    [[count("truncate", "orders", 12_000, null)], "Ada Lovelace emptied 12,000 orders"],
    [[count("sign_in", "staff", 1, null)], "Ada Lovelace signed in"],
    [[], "Ada Lovelace did nothing that was recorded"],
  ])("says what happened: %#", (counts, sentence) => {
    expect(partsText(storyParts(counts, told))).toBe(sentence);
  });

  test("a long list of tables ends in how many more there are", () => {
    const counts = ["a", "b", "c", "d", "e", "f", "g"].map((table) => count("delete", table, 1, null));
    expect(partsText(storyParts(counts, told))).toMatch(/1 e and 2 more tables$/);
  });

  test("as HTML it holds no markup but its own, whatever people and tables are called", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (name, tenant) => {
        const teller = { ...told, actor: { ...ada, name }, tenants: new Map([["t1", tenant]]) };
        const html = partsHtml(storyParts([count("delete", "orders", 1)], teller));
        expect(html.replaceAll(/<\/?b>/g, "")).not.toMatch(/[<>"']/);
      }),
    );
    const evil = storyParts([count("delete", "orders", 2)], { ...told, actor: { ...ada, name: "<i>Ada & Co</i>" } });
    expect(partsHtml(evil)).toBe("<b>&lt;i&gt;Ada &amp; Co&lt;/i&gt;</b> deleted <b>2 orders</b> of <b>Acme</b>");
  });
});

describe("what a table's rows are called", () => {
  test.each([
    ["orders", 1, "order"],
    ["payment_refunds", 3, "payment refunds"],
    ["companies", 1, "company"],
    ["addresses", 1, "address"],
    ["address", 2, "addresses"],
    ["order_statuses", 1, "order status"],
    ["invoiceLines", 1, "invoice line"],
    ["user", 2, "users"],
    ["people", 1, "person"],
    ["person", 2, "people"],
    ["boxes", 1, "box"],
    ["cases", 1, "case"],
    ["caches", 1, "cache"],
    ["news", 2, "news"],
  ])("%s, %i: %s", (table, rows, noun) => {
    expect(nounOf(table, rows)).toBe(noun);
  });
});
