import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { keyIdOf, seal, unseal } from "./seal.ts";

beforeAll(() => {
  process.env.DATABASE_URL = "postgres://localhost/none";
  process.env.CARETAKER_KEY = randomBytes(32).toString("base64");
});

test("a sealed secret opens for the row it was sealed for, whatever characters it holds", () => {
  for (const secret of ["", "hunter2", "pä$$'\"\\ wörd\n🔑", "x".repeat(10_000)]) {
    expect(unseal(seal(secret, "server 1"), "server 1")).toBe(secret);
  }
});

test("a sealed secret does not open for another row", () => {
  expect(() => unseal(seal("hunter2", "server 1"), "server 2")).toThrow();
});

test("a sealed secret shows neither the secret nor the same text twice", () => {
  const [first, second] = [seal("hunter2", "server 1"), seal("hunter2", "server 1")];
  expect(first).not.toBe(second);
  expect(Buffer.from(first, "base64url").toString("latin1")).not.toContain("hunter2");
});

test("a sealed secret with any one character changed does not open", () => {
  const sealed = seal("hunter2", "server 1");
  const start = sealed.indexOf(".", 3) + 1;
  for (let at = start; at < sealed.length; at += 7) {
    if (sealed[at] === ".") continue;
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    expect(() => unseal(changed, "server 1"), `character ${at}`).toThrow();
  }
});

test("a secret under a key that is not configured says which key is missing", () => {
  const sealed = seal("hunter2", "server 1").replace(/^v1\.[0-9a-f]+/, "v1.0123456789abcdef");
  expect(keyIdOf(sealed)).toBe("0123456789abcdef");
  expect(() => unseal(sealed, "server 1")).toThrow(
    expect.objectContaining({
      code: "conflict",
      message: expect.stringContaining("0123456789abcdef, which is not configured"),
      fix: expect.stringContaining("CARETAKER_KEY_PREVIOUS"),
    }),
  );
});
