import { expect, test } from "vitest";
import { ownDatabaseName, ownName } from "./own-name.ts";

const id = "ffffffff-ffff-4fff-bfff-ffffffffffff";

test.each(["shop", "s".repeat(63), "ß".repeat(31), "x".concat("ß".repeat(31))])(
  "the database of a tenant of %s is named whole within 63 bytes",
  (home) => {
    const name = ownDatabaseName(home, id);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    expect(name.endsWith(`_${ownName(id)}`)).toBe(true);
    expect(home.startsWith(name.slice(0, -ownName(id).length - 1))).toBe(true);
  },
);
