import { expect, test } from "vitest";
import { duration, relative } from "./duration.ts";
import { parseMoment, stamp } from "./stamp.ts";

test("a duration never has more than two units", () => {
  const lengths = [0, 850, 4200, 9990, 59_400, 252_000, 10_800_000, 97_200_000, 1_036_800_000];
  expect(lengths.map(duration)).toEqual([
    "0 ms",
    "850 ms",
    "4.2 s",
    "10 s",
    "59 s",
    "4 min 12 s",
    "3 h",
    "1 d 3 h",
    "12 d",
  ]);
});

test("a relative time never claims more age than there is", () => {
  const now = Date.UTC(2026, 10, 22, 12);
  const ago = (ms: number) => relative(now - ms, now);
  expect(ago(3_000)).toBe("just now");
  expect(ago(59_999)).toBe("59 s ago");
  expect(ago(3_599_999)).toBe("59 min ago");
  expect(ago(86_399_999)).toBe("23 h ago");
  expect(ago(59 * 86_400_000)).toBe("59 d ago");
  expect(ago(800 * 86_400_000)).toBe("2 y ago");
  expect(relative(now + 7_300_000, now)).toBe("in 2 h");
});

test("what happened since the screen's clock last moved is not taken for the future", () => {
  const now = Date.UTC(2026, 10, 22, 12);
  expect(relative(now + 9_999, now)).toBe("just now");
  expect(relative(now + 12_000, now)).toBe("in 12 s");
});

test("PostgreSQL's own text is understood and keeps its microseconds", () => {
  expect(parseMoment("2026-11-22 09:40:00.123456+00")?.toISOString()).toBe("2026-11-22T09:40:00.123Z");
  expect(stamp("2026-11-22 09:40:00.123456+00", "UTC", "microseconds")).toBe("22 Nov 2026, 09:40:00.123456 UTC");
  expect(stamp("2026-11-22T09:40:00Z", "UTC")).toBe("22 Nov 2026, 09:40:00 UTC");
});

test("what is no time is shown as it is", () => {
  expect(stamp("infinity", "UTC")).toBe("infinity");
});
