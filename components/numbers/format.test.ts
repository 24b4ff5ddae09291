import { expect, test } from "vitest";
import { bytes, cappedCount, count, counted, percent } from "./format.ts";

test("counts are grouped, and bigints keep every digit", () => {
  expect(count(12_345)).toBe("12,345");
  expect(count("9007199254740993")).toBe("9,007,199,254,740,993");
  expect(cappedCount(10_001)).toBe("10,000+");
  expect(counted(1, "tenant")).toBe("1 tenant");
  expect(counted(0, "entry", "entries")).toBe("0 entries");
});

test("bytes are in PostgreSQL's units", () => {
  expect([0, 1023, 1024, 150 * 1024, 1.4 * 1024 ** 3].map((size) => bytes(size))).toEqual([
    "0 B",
    "1023 B",
    "1.0 kB",
    "150 kB",
    "1.4 GB",
  ]);
  expect(bytes(null)).toBe("unknown");
});

test("a share that is almost all or almost none never reads as all or none", () => {
  expect(percent(0.99999)).toBe("99.9 %");
  expect(percent(0.00001)).toBe("0.1 %");
  expect(percent(1)).toBe("100 %");
  expect(percent(0)).toBe("0 %");
  expect(percent(null)).toBe("unknown");
});
