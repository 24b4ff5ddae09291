import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { missingRanges, rootOfProof } from "./bundle.ts";
import { Frontier } from "./frontier.ts";
import { hashBytes, nodeHash } from "./sha.ts";
import { consistencyProof, isConsistent, rootOfHashes, rootOfRange, split } from "./tree.ts";

const leafOf = (at: number) => createHash("sha256").update(`leaf ${at}`).digest();

/** RFC 6962, 2.1, word by word. */
function reference(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (!only) return createHash("sha256").digest();
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return nodeHash(reference(leaves.slice(0, k)), reference(leaves.slice(k)));
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => leafOf(at));
const readOf = (leaves: readonly Buffer[]) => async (level: number, index: number) =>
  reference(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

describe("the tree", () => {
  test("has the roots of RFC 6962's own test data", () => {
    // The eight inputs of Certificate Transparency's reference tests.
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const leaves = inputs.map((hex) =>
      createHash("sha256")
        .update(Buffer.from(`00${hex}`, "hex"))
        .digest(),
    );
    expect(rootOfHashes(Buffer.concat(leaves), 0, 1).toString("hex")).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
    expect(rootOfHashes(Buffer.concat(leaves), 0, 8).toString("hex")).toBe(
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    );
  });

  test("is the reference's for any number of leaves, level by level and range by range", async () => {
    for (let count = 0; count < 70; count++) {
      const leaves = leavesOf(count);
      expect(rootOfHashes(Buffer.concat(leaves), 0, count)).toEqual(reference(leaves));
      expect(await rootOfRange(readOf(leaves), 0, count)).toEqual(reference(leaves));
    }
  });

  test("grows over tiles to the same root, also when it is put away and taken up again", () => {
    let frontier = new Frontier(0, []);
    const stored = new Map<string, ReturnType<Frontier["take"]>[number]>();
    for (const size of [1, 255, 256, 257, 600, 66_000]) {
      while (frontier.size < size) frontier.append(Buffer.from(`${frontier.size}\trow`), 0, 5);
      for (const tile of frontier.take()) stored.set(`${tile.level}/${tile.index}`, tile);
      const leaves = [...stored.values()].filter(({ level }) => level === 0).toSorted((a, b) => a.index - b.index);
      const all = Buffer.concat(leaves.map(({ hashes }) => hashes));
      expect(all.length).toBe(size * hashBytes);
      expect(frontier.root()).toEqual(rootOfHashes(all, 0, size));
      frontier = new Frontier(size, [...stored.values()]);
      expect(frontier.root()).toEqual(rootOfHashes(all, 0, size));
    }
  });

  test("proves of any two sizes that the later begins with the earlier, and of no others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 200 }),
        fc.nat(),
        async (size, part, at) => {
          const earlier = part % (size + 1);
          const leaves = leavesOf(size);
          const proof = await consistencyProof(readOf(leaves), earlier, size);
          const before = { size: earlier, root: reference(leaves.slice(0, earlier)) };
          const after = { size, root: reference(leaves) };
          expect(isConsistent(before, after, proof)).toBe(true);
          if (earlier === 0) return;
          const other = leaves.with(at % earlier, leafOf(9_999)).slice(0, earlier);
          expect(isConsistent({ size: earlier, root: reference(other) }, after, proof)).toBe(false);
          if (proof.length > 0) expect(isConsistent(before, after, proof.slice(1))).toBe(false);
        },
      ),
    );
  });

  test("leads from any set of leaves and the hashes between them to its root, and from no altered one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.nat(299), { maxLength: 40 }),
        async (size, some) => {
          const leaves = leavesOf(size);
          const picked = Float64Array.from(some.filter((at) => at < size)).sort();
          const brought = await Promise.all(
            [...missingRanges(picked, size)].map(([from, to]) => rootOfRange(readOf(leaves), from, to)),
          );
          const own = Buffer.concat([...picked].map((at) => leafOf(at)));
          expect(rootOfProof(picked, own, Buffer.concat(brought), size)).toEqual(reference(leaves));
          if (picked.length === 0) return;
          own[0] = (own[0] ?? 0) ^ 1;
          expect(rootOfProof(picked, own, Buffer.concat(brought), size)).not.toEqual(reference(leaves));
          expect(rootOfProof(picked, own, Buffer.concat([...brought, leafOf(1)]), size)).toBeNull();
        },
      ),
    );
  });
});
