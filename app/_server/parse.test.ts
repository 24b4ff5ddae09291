import { expect, test } from "vitest";
import { z } from "zod";
import { parseAddress } from "./parse.ts";

const change = z.object({ databaseId: z.uuid(), months: z.coerce.number().min(12, "At least 12 months.") });

test("an address that was cut off is told by what it lacks, and a rule in its own words", () => {
  expect(parseAddress(change, {})).toEqual({
    ok: false,
    why: "The address does not say databaseId. What the address says as months can not be used.",
  });
  expect(parseAddress(change, { databaseId: "x", months: "3" })).toEqual({
    ok: false,
    why: "What the address says as databaseId can not be used. At least 12 months.",
  });
  expect(parseAddress(z.object({ tenantId: z.uuid("must be an id") }), { tenantId: "x" })).toEqual({
    ok: false,
    why: "tenantId must be an id.",
  });
  const said = { databaseId: "7e4a0000-0000-4000-8000-000000000001", months: "24" };
  expect(parseAddress(change, said)).toEqual({ ok: true, data: { ...said, months: 24 } });
});
