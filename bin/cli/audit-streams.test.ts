import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl } from "#db/control.ts";
import { freshControl } from "#db/testing/databases.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

/** What the receiver was sent as Authorization, with its path. */
const received: string[] = [];
const receiver = createServer((request, response) => {
  received.push(`${request.url} ${request.headers.authorization ?? "nothing"}`);
  request.resume().on("end", () => response.writeHead(204).end());
});

beforeAll(async () => {
  await freshControl();
  await once(receiver.listen(0, "127.0.0.1"), "listening");
});

afterAll(async () => {
  receiver.close();
  await closeControl();
});

function address(path: string): string {
  const at = receiver.address();
  return `http://127.0.0.1:${at && typeof at === "object" ? at.port : 0}/${path}`;
}

test("audit streams adds, changes, tests and removes a stream; what is not named stays, and no value of a header is printed", {
  timeout: 240_000,
}, async () => {
  const token = await tokenOf("administrator", ["audit.read", "audit.stream"]);
  const reader = await tokenOf("compliance", ["audit.read"]);
  const streams = (args: string[], more: { token?: string; stdin?: string } = {}) =>
    caretaker(["audit", "streams", ...args], { token, ...more });

  const add = ["add", "SIEM", "--webhook", address("one"), "--header", "Authorization", "--filter", "action:delete"];
  expect((await streams(add, { token: reader, stdin: "Bearer one\n" })).code).toBe(3);
  const made = await streams(add, { stdin: "Bearer one\n" });
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining("whsec_") });
  expect(made.stdout).not.toContain("Bearer one");
  expect(await streams([...add, "--header", "Host"], { stdin: "Bearer one\nx\n" })).toMatchObject({ code: 2 });

  expect(await streams(["change", "SIEM", "--webhook", address("two"), "--name", "Moved"])).toMatchObject({ code: 0 });
  const listed = z.object({ streams: z.array(z.record(z.string(), z.unknown())) });
  const list = await json(listed, ["audit", "streams", "list"], { token: reader });
  expect(list.streams).toMatchObject([
    { name: "Moved", place: address("two"), query: "q=action%3Adelete", target: { headers: ["Authorization"] } },
  ]);
  const change = ["change", "Moved", "--header", "Authorization"];
  expect(await streams(change, { stdin: "Bearer two" })).toMatchObject({ code: 0 });
  expect(await streams(["test", "Moved"])).toMatchObject({ code: 0, stdout: expect.stringContaining("204") });
  expect(received).toEqual(["/two Bearer one", "/two Bearer two", "/two Bearer two"]);

  for (const verb of ["pause", "resume"]) expect(await streams([verb, "Moved"])).toMatchObject({ code: 0 });
  expect(await streams(["change", "Moved", "--webhook", "http://127.0.0.1:9/", "--no-headers"])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining("Nothing was changed"),
  });
  const other = await streams(["change", "Moved", "--syslog", "127.0.0.1:6514"]);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("kind") });
  expect(await streams(["remove", "Moved"])).toMatchObject({ code: 0 });
  expect(await streams(["test", "Moved"])).toMatchObject({ code: 4 });
});
