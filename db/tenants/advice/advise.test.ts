import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tier } from "../contract.ts";
import { advise } from "./advise.ts";
import { type AdviceFacts, defaultRules, type ServerLimits } from "./contract.ts";

const mebibyte = 1024 ** 2;
const roomy: ServerLimits = {
  lockableTables: 9_600,
  tables: 100,
  bytesPerTable: 15_200,
  connections: 100,
  catalogBytes: 10 * mebibyte,
  catalogBytesPerTable: 14_000,
  bufferBytes: 128 * mebibyte,
  cacheBytes: 16_384 * mebibyte,
};

function facts(more: Partial<AdviceFacts>): AdviceFacts {
  return { tier: "shared", sizeBytes: 0, writeShare: 0, writes: 0, dedicated: false, ...more };
}

function tierOf(more: Partial<AdviceFacts>, limits = roomy): Tier | null {
  return advise(facts(more), defaultRules, { limits, tablesEach: 20 })?.tier ?? null;
}

test("size promotes: above 100 MB to a schema, above 10 GB to a database, and just below neither", () => {
  expect(tierOf({ sizeBytes: 100 * mebibyte })).toBeNull();
  expect(tierOf({ sizeBytes: 100 * mebibyte + 1 })).toBe("schema");
  expect(tierOf({ tier: "schema", sizeBytes: 10_240 * mebibyte })).toBeNull();
  expect(tierOf({ tier: "schema", sizeBytes: 10_240 * mebibyte + 1 })).toBe("database");
  expect(tierOf({ sizeBytes: 20_000 * mebibyte })).toBe("database");
});

test("between half a limit and the limit nobody is moved in either direction", () => {
  for (const tier of ["shared", "schema"] as const) {
    expect(tierOf({ tier, sizeBytes: 51 * mebibyte })).toBeNull();
    expect(tierOf({ tier, sizeBytes: 100 * mebibyte })).toBeNull();
  }
  expect(tierOf({ tier: "schema", sizeBytes: 49 * mebibyte })).toBe("shared");
  expect(tierOf({ tier: "database", sizeBytes: 6_000 * mebibyte })).toBeNull();
  expect(tierOf({ tier: "database", sizeBytes: 5_000 * mebibyte })).toBe("schema");
});

test("a noisy neighbour is moved apart, but not by a share of next to nothing", () => {
  expect(tierOf({ writeShare: 0.9, writes: 50_000, sizeBytes: mebibyte })).toBe("schema");
  expect(tierOf({ writeShare: 0.9, writes: 12, sizeBytes: mebibyte })).toBeNull();
  expect(tierOf({ tier: "schema", writeShare: 0.3, writes: 50_000, sizeBytes: mebibyte })).toBeNull();
});

test.each([
  {
    short: "locks",
    limits: { tables: 9_590 },
    reason:
      "It holds 200 MB, above 100 MB, and with one more schema there would be more than the 9,600 tables that a transaction of this server can lock, so it needs a database of its own.",
  },
  {
    short: "catalogs",
    limits: { tables: 8_000, catalogBytes: 128 * mebibyte - 279_999 },
    reason:
      "It holds 200 MB, above 100 MB, and with one more schema there would be 128 MB of catalogs, more than the 128 MB of this server's shared buffers, so it needs a database of its own.",
  },
  {
    short: "the memory of its connections",
    limits: { tables: 2_810, cacheBytes: 4_096 * mebibyte },
    reason:
      "It holds 200 MB, above 100 MB, and with one more schema there would be 4.0 GB in 100 connections that have used every table, more than the 4 GB that this server has for caches, so it needs a database of its own.",
  },
])(
  "where a server is short of $short for one more schema, a database is advised, and one sentence says so",
  (given) => {
    const limits = { ...roomy, ...given.limits };
    const large = facts({ sizeBytes: 200 * mebibyte });
    expect(advise(large, defaultRules, { limits, tablesEach: 20 })).toEqual({
      tier: "database",
      reason: given.reason,
      atOnce: false,
    });
    expect(advise(large, defaultRules, { limits, tablesEach: 5 })?.tier).toBe("schema");
  },
);

test("what came up for want of room, or for its share of the writes, is not sent down to where it came from", () => {
  const full = { ...roomy, tables: 9_590 };
  expect(tierOf({ sizeBytes: 150 * mebibyte }, full)).toBe("database");
  expect(tierOf({ tier: "database", sizeBytes: 150 * mebibyte }, full)).toBeNull();
  const noisy = { sizeBytes: 5 * mebibyte, writeShare: 0.6, writes: 50_000 };
  expect(tierOf(noisy, full)).toBe("database");
  expect(tierOf({ ...noisy, tier: "database" }, full)).toBeNull();
  expect(tierOf({ ...noisy, tier: "database" })).toBe("schema");
  expect(tierOf({ ...noisy, tier: "database", writeShare: 0.1 }, full)).toBe("shared");
});

test("whoever follows an advice is never advised back by the same facts", () => {
  const order = ["shared", "schema", "database"] as const;
  const some = fc.record({
    tier: fc.constantFrom(...order),
    sizeBytes: fc.integer({ min: 0, max: 24_000 }).map((size) => size * mebibyte),
    writeShare: fc.double({ min: 0, max: 1, noNaN: true }),
    writes: fc.integer({ min: 0, max: 5_000 }),
  });
  fc.assert(
    fc.property(some, fc.constantFrom(100, 9_590), (one, tables) => {
      const to = advise(facts(one), defaultRules, { limits: { ...roomy, tables }, tablesEach: 20 })?.tier;
      if (!to) return;
      const next = tierOf({ ...one, tier: to }, { ...roomy, tables });
      const up = order.indexOf(to) > order.indexOf(one.tier);
      if (next) expect(order.indexOf(next) > order.indexOf(to)).toBe(up);
    }),
  );
});

test("a contract's promise does not wait, and is kept however small the tenant is", () => {
  expect(advise(facts({ dedicated: true }), defaultRules, { limits: roomy, tablesEach: 20 })).toMatchObject({
    tier: "database",
    atOnce: true,
  });
  expect(tierOf({ tier: "database", sizeBytes: 0, dedicated: true })).toBeNull();
});

test("what was never measured is not advised on", () => {
  expect(tierOf({ sizeBytes: null })).toBeNull();
});
