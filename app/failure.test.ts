import { text } from "node:stream/consumers";
import { createElement, type FunctionComponent } from "react";
import { prerenderToNodeStream } from "react-dom/static";
import { expect, test } from "vitest";
import ScreenError from "./(console)/error.tsx";
import PageError from "./error.tsx";
import type { FailureProps } from "./failure.tsx";

test("a page that could not be drawn says so with its reference and a way to try again, inside the shell and without it", async () => {
  const error = Object.assign(new Error("An error occurred in the Server Components render."), {
    digest: "2715060483",
  });
  for (const screen of [PageError, ScreenError]) {
    const html = await htmlOf(screen, error);
    expect(html).toMatch(/<h1[^>]*>This (page|screen) could not be shown<\/h1>/);
    expect(html).toContain('role="alert"');
    expect(html).toContain("<code>2715060483</code>");
    expect(html).toContain(">Try again</button>");
    expect(html).not.toContain("Server Components");
  }
});

test("what a screen's own script threw has no reference", async () => {
  const html = await htmlOf(PageError, "a string");
  expect(html).toContain("It failed while it was read");
  expect(html).not.toContain("reference");
});

/** With what is fetched late. */
async function htmlOf(screen: FunctionComponent<FailureProps>, error: unknown): Promise<string> {
  const { prelude } = await prerenderToNodeStream(createElement(screen, { error, retry: () => {} }));
  return text(prelude);
}
