import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LineRow } from "./line-row.ts";
import { saltsOf } from "./salts.ts";
import { hashBytes, leafInto } from "./sha.ts";
import { rootOfHashes } from "./tree.ts";

test("what docs/audit-proof.md defines is what the code does", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/audit-proof.md"), "utf8");
  const vectors: Record<string, string> = JSON.parse(/```json\n(.+?)```/s.exec(text)?.[1] ?? "{}");
  const line = Buffer.from(vectors.line ?? "");
  const read = new LineRow();
  read.read(line, 0, line.length);
  const row = read.bytes.toString("utf8", 0, read.length);
  expect(row).toBe(vectors.row);
  expect(createHash("sha256").update(row).digest("hex")).toBe(vectors.row_sha256);
  const salts = saltsOf({ seed: Buffer.from(vectors.seed ?? "", "hex"), spelt: null });
  expect(salts.subarray(0, hashBytes).toString("hex")).toBe(vectors.salt_0);
  expect(salts.subarray(-hashBytes).toString("hex")).toBe(vectors.salt_255);
  const next = row.replace("1882566367300812822", "1882566367300812823");
  const leaves = Buffer.alloc(3 * hashBytes);
  for (const [at, one] of [row, next, row].entries()) {
    leafInto(leaves, at * hashBytes, { bytes: salts, at: at * hashBytes }, Buffer.from(one));
    const leaf = leaves.subarray(at * hashBytes, (at + 1) * hashBytes);
    expect(leaf.toString("hex")).toBe(vectors[`leaf_${at}`]);
  }
  expect(rootOfHashes(leaves, 0, 2).toString("hex")).toBe(vectors.root_of_2);
  expect(rootOfHashes(leaves, 0, 3).toString("hex")).toBe(vectors.root_of_3);
});
