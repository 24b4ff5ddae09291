import { DrizzleQueryError } from "drizzle-orm/errors";
import { expect, test } from "vitest";
import { plainError, plainMessage } from "./log.ts";

test("an error is logged without the query's parameters, PostgreSQL's detail or a URL's password", () => {
  const cause = Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (email)=(ada@example.com)" });
  const error = new DrizzleQueryError("INSERT INTO staff VALUES ($1, $2)", ["canary-secret", "ada@example.com"], cause);
  const outer = new Error("could not reach postgres://caretaker:canary-secret@db.example.com/app", { cause: error });
  const logged = JSON.stringify(plainError(outer));
  expect(logged).not.toContain("canary-secret");
  expect(logged).not.toContain("ada@example.com");
  expect(logged).toContain("db.example.com/app");
  expect(logged).toContain("INSERT INTO staff");
  expect(logged).toContain("23505");
});

test("what is shown of a failed query is PostgreSQL's word and not the query", () => {
  const error = new DrizzleQueryError("INSERT INTO staff VALUES ($1)", ["canary-secret"], new Error("duplicate key"));
  expect(plainMessage(error)).toBe("duplicate key");
  expect(plainMessage(new DrizzleQueryError("SELECT $1", ["canary-secret"]))).toBe("Failed query: SELECT $1");
});
