import { expect, test } from "vitest";
import { sqlFile } from "./sql-file.ts";

test("a plan's file names its problems first, each in one comment whatever its text holds", async () => {
  const message = "reporting\nDROP TABLE orders; reads no row.";
  const problems = [{ severity: "warning" as const, subject: "shop", message, fix: "Give it\r\nBYPASSRLS." }];
  const text = await sqlFile("adopt-shop", { hash: "abc", units: [], problems }).text();
  expect(text).toBe(`-- Plan abc

-- warning: shop: reporting DROP TABLE orders; reads no row. Give it BYPASSRLS.

\\set ON_ERROR_STOP on
`);
});
