import { setImmediate as settled } from "node:timers/promises";
import { expect, test } from "vitest";
import { runInLanes } from "./lanes.ts";

test("phases run two at once, in order, and none before what it comes after", async () => {
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  const end = async (name: string) => {
    endings.get(name)?.();
    await settled();
  };
  const all = runInLanes(
    [{ name: "types" }, { name: "build", after: ["types"] }, { name: "unit" }, { name: "browser", after: ["build"] }],
    2,
    ({ name }) => {
      begun.push(name);
      return new Promise((done) => endings.set(name, done));
    },
  );
  expect(begun).toEqual(["types", "unit"]);
  await end("types");
  expect(begun).toEqual(["types", "unit", "build"]);
  await end("unit");
  expect(begun).toEqual(["types", "unit", "build"]);
  await end("build");
  expect(begun).toEqual(["types", "unit", "build", "browser"]);
  await end("browser");
  await all;
});

test("a phase that mostly waits begins at once, and takes nobody's place", async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const all = runInLanes([{ name: "types" }, { name: "unit" }, { name: "faults", waits: true }], 1, ({ name }) => {
    begun.push(name);
    return new Promise((done) => ends.push(done));
  });
  expect(begun).toEqual(["types", "faults"]);
  ends[0]?.();
  await settled();
  expect(begun).toEqual(["types", "faults", "unit"]);
  for (const end of ends) end();
  await all;
});

test("what a phase comes after does not matter where it was not asked for", async () => {
  const ran: string[] = [];
  await runInLanes([{ name: "browser", after: ["build"] }], 2, async ({ name }) => void ran.push(name));
  expect(ran).toEqual(["browser"]);
});

test("phases that wait for one another are told, not waited for", async () => {
  const circle = [
    { name: "a", after: ["b"] },
    { name: "b", after: ["a"] },
  ];
  await expect(runInLanes(circle, 2, async () => {})).rejects.toThrow("a, b wait for one another");
});
