import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { requireOwnOrigin } from "./origin.ts";
import { visitOf } from "./visit.ts";

beforeAll(() => {
  process.env.DATABASE_URL = "postgres://localhost/none";
  process.env.CARETAKER_KEY = randomBytes(32).toString("base64");
  process.env.CARETAKER_URL = "https://caretaker.example.com/";
});

const own = "https://caretaker.example.com";
const ask = (headers: Record<string, string>) => () => requireOwnOrigin(new Headers(headers));

test("a write is accepted from a page of this console", () => {
  expect(ask({ origin: own })).not.toThrow();
  expect(ask({ origin: own, "sec-fetch-site": "same-origin" })).not.toThrow();
});

test("a write is refused from anywhere else, also when the origin is absent, null or almost ours", () => {
  for (const origin of [
    "null",
    "",
    "http://caretaker.example.com",
    "https://caretaker.example.com:8443",
    "https://caretaker.example.com.evil.example",
    "https://evil.example",
    "https://CARETAKER.example.com",
  ]) {
    expect(ask({ origin }), origin).toThrow(/did not come from a page/);
  }
  expect(ask({})).toThrow(/did not come from a page/);
  expect(ask({ origin: own, "sec-fetch-site": "cross-site" })).toThrow(/did not come from a page/);
  expect(ask({ origin: own, "sec-fetch-site": "same-site" })).toThrow(/did not come from a page/);
  expect(ask({ origin: own, "sec-fetch-site": "none" })).toThrow(/did not come from a page/);
});

test("the address of a visit is never what a client wrote", () => {
  const headers = new Headers({ "x-forwarded-for": "6.6.6.6", "x-caretaker-socket-address": "6.6.6.6" });
  expect(visitOf(headers).ip).toBeNull();
});
