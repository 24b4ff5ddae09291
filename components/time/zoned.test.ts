import { expect, test } from "vitest";
import { instantIn } from "./zoned.ts";

test("a typed time is the instant at which the zone's clocks show it, in summer and in winter", () => {
  expect(instantIn("Europe/Berlin", "2026-07-01T12:00")).toBe("2026-07-01T10:00:00.000Z");
  expect(instantIn("Europe/Berlin", "2026-12-01T12:00")).toBe("2026-12-01T11:00:00.000Z");
  expect(instantIn("Asia/Kolkata", "2026-12-01T00:15:30")).toBe("2026-11-30T18:45:30.000Z");
  expect(instantIn("UTC", "2026-12-01T12:00")).toBe("2026-12-01T12:00:00.000Z");
});

test("the hours around a change of the clocks are exact", () => {
  expect(instantIn("America/New_York", "2026-03-08T01:59")).toBe("2026-03-08T06:59:00.000Z");
  expect(instantIn("America/New_York", "2026-03-08T03:00")).toBe("2026-03-08T07:00:00.000Z");
  expect(instantIn("America/New_York", "2026-11-01T00:30")).toBe("2026-11-01T04:30:00.000Z");
  expect(instantIn("America/New_York", "2026-11-01T02:30")).toBe("2026-11-01T07:30:00.000Z");
});

test("what is no time is none", () => {
  expect(instantIn("UTC", "")).toBeNull();
});
