import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import ScreenError from "./(console)/error.tsx";
import PageError from "./error.tsx";

test("a page that could not be drawn says so with its reference and a way to try again, inside the shell and without it", () => {
  const error = Object.assign(new Error("An error occurred in the Server Components render."), {
    digest: "2715060483",
  });
  for (const screen of [PageError, ScreenError]) {
    const html = renderToStaticMarkup(createElement(screen, { error, retry: () => {} }));
    expect(html).toMatch(/<h1[^>]*>This (page|screen) could not be shown<\/h1>/);
    expect(html).toContain('role="alert"');
    expect(html).toContain("<code>2715060483</code>");
    expect(html).toContain(">Try again</button>");
    expect(html).not.toContain("Server Components");
  }
});

test("what a screen's own script threw has no reference", () => {
  const html = renderToStaticMarkup(createElement(PageError, { error: "a string", retry: () => {} }));
  expect(html).toContain("It failed while it was read");
  expect(html).not.toContain("reference");
});
