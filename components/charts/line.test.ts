import { expect, test } from "vitest";
import { linePath, scale } from "./line.ts";

const box = { width: 100, height: 20, inset: 0, zeroBased: true };

test("missing data is a gap and never a line across it", () => {
  const path = linePath(scale([1, 2, null, 2, 1], box));
  expect(path.match(/M/g)).toHaveLength(2);
});

test("a value alone between two gaps is still drawn", () => {
  expect(linePath(scale([null, 5, null], box))).toBe("M50 0h0");
});

test("a zero-based line starts from zero, and all zeros lie on it", () => {
  expect(scale([50, 100], box)[0]?.y).toBe(10);
  expect(scale([0, 0], box)[0]?.y).toBe(20);
});
