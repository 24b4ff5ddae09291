import { expect, test } from "vitest";
import type { CoverageState, CoveredTable } from "./contract.ts";
import { coverageSentence, troubled } from "./sentence.ts";

const table = (state: CoverageState, columns = 0): CoveredTable => ({
  schema: "public",
  name: state,
  state,
  why: "",
  masked: [],
  ignored: [],
  unclassified: Array.from({ length: columns }, (_, at) => ({ name: `c${at}`, type: "text", suggested: "plain" })),
});

test("coverage says first what is recorded, then everything that is not as it should be", () => {
  expect(coverageSentence([table("recorded")])).toBe("Every write to 1 of 1 table is recorded.");
  expect(
    coverageSentence([table("recorded", 2), table("drifted"), table("off"), table("left_out"), table("new")]),
  ).toBe(
    "Every write to 2 of 5 tables is recorded; 1 has its triggers switched off or missing; 1 is new and undecided; 1 is recorded by code that is out of date; of 2 columns nobody has said what they hold.",
  );
});

test("what somebody left out on purpose is no trouble", () => {
  const states = (["off", "missing", "new", "drifted", "left_out", "recorded"] as const).map((state) => table(state));
  expect(troubled(states).map(({ state }) => state)).toEqual(["off", "missing", "new", "drifted"]);
});
