import { expect, test } from "vitest";
import { checkText } from "./erasure-text.ts";

const unread = { where: "public.profiles", why: "Somebody holds a lock on it." };

test("a check says that nothing is left only when all was looked at", () => {
  expect(checkText({ clean: true, remaining: [], notReached: [] })).toBe("Nothing is left.");
  expect(checkText({ clean: false, remaining: [{ where: "public.users", count: 2 }], notReached: [] })).toBe(
    "Found again: 2 in public.users.",
  );
  expect(checkText({ clean: false, remaining: [], notReached: [unread] })).toBe(
    "Nothing was found, but not all was looked at.\nnot reached public.profiles: Somebody holds a lock on it.",
  );
});
