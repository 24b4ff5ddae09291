import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Suggested } from "./language.ts";
import { SuggestionList } from "./suggestion-list.tsx";

const markup = (suggested: Suggested) =>
  renderToStaticMarkup(createElement(SuggestionList, { id: "q", suggested, active: -1, take: () => {} }));

test("what is missing from the list is said in a place that was there before, hidden by nothing, at the list's end", () => {
  const closed = markup({ list: [] });
  const open = markup({ list: [{ insert: "a", label: "a", start: 0, end: 1 }], missing: "Without what shop has." });
  const status = /<p role="status"[^>]*>/;
  expect(closed.match(status)?.[0]).toBe(open.match(status)?.[0]);
  expect(closed).toMatch(/^<div class="(?![^"]*hidden)[^"]*">/);
  expect(closed.match(status)?.[0]).not.toContain("hidden");
  expect(closed).toMatch(/<p role="status"[^>]*><\/p><\/div>$/);
  expect(open).toMatch(/<p role="status"[^>]*>▲ Without what shop has\.<\/p><\/div>$/);
});
