import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { type EntryActor, readFilter } from "#db/audit/contract.ts";
import { ActorName } from "./actor-name.tsx";

test("whoever really acted leads to what they did in other people's names, this entry among it", () => {
  const actor: EntryActor = {
    ...{ id: "7", name: "Ada", kind: "user", role: null, application: null },
    impersonator: { id: "sam, 9", name: "Sam" },
  };
  const html = renderToStaticMarkup(createElement(ActorName, { actor }));
  const [, address = ""] = /href="([^"]*)"[^>]*>Sam</.exec(html) ?? [];
  const params = Object.fromEntries(new URL(address.replaceAll("&amp;", "&"), "http://console").searchParams);
  expect(readFilter(params)).toEqual({ filter: { q: 'impersonator:"sam, 9"' }, dropped: [], problem: null });
});
