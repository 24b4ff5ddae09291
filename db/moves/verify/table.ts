import type { MovingTable } from "../../managed/moving/table.ts";
import { relation } from "../../managed/statement.ts";
import { boundary } from "../copy/chunk.ts";
import { drain } from "../copy/drain.ts";
import { between, type Key, keyText } from "../copy/keys.ts";
import { findStrays, isMine, type Strays } from "../copy/strays.ts";
import type { Pace } from "../pace/pace.ts";
import { type End, isOneDatabase, type Pair } from "../pair.ts";
import { keyHash, rowHash } from "./hash.ts";

/** A row that only one place has, or that differs between them. */
export interface Difference {
  key: Key;
  what: "only here" | "only there" | "differs";
}

export interface Verified {
  rows: number;
  checksumSource: string;
  checksumTarget: string;
  /** The first of them. */
  differences: Difference[];
}

interface Bucket {
  bucket: number;
  rows: string;
  sum: string;
}

/** What lets a comparison rest; it says how many rows to take at once. */
type Pacer = Pick<Pace, "isFree" | "rowsAtOnce" | "spent">;
const unpaced: Pacer = { isFree: () => true, rowsAtOnce: (most) => most, spent: async () => {} };

const rowsInBucket = 1_000;
const namedMax = 50;

/**
 * Compares a table while writes go on: in a snapshot of the giving place to which the receiving one was just brought, and at
 * which it stays meanwhile. Rows fall into buckets by their keys' hash; buckets that differ are taken apart row by row.
 */
export async function verifyTable(
  pair: Pair,
  table: MovingTable,
  estimatedRows: number,
  pace: Pacer = unpaced,
): Promise<Verified> {
  const buckets = 2 ** Math.ceil(Math.log2(Math.min(4_096, Math.max(1, estimatedRows / rowsInBucket))));
  let verified: Verified | undefined;
  await drain(pair, async () => {
    const strays = await findStrays(pair, table);
    const one = (end: End) => checksums(end, { table, buckets, strays }, pace);
    const [source, target] = pace.isFree() ? await onBoth(pair, one) : [await one(pair.from), await one(pair.to)];
    const bad = differing(source, target);
    const differences = bad.length === 0 ? [] : await nameRows(pair, table, buckets, bad, strays);
    verified = {
      rows: source.reduce((sum, { rows }) => sum + Number(rows), 0),
      checksumSource: total(source),
      checksumTarget: total(target),
      differences,
    };
  });
  if (!verified) throw new Error("Nothing was compared.");
  return verified;
}

async function onBoth<T>(pair: Pair, ask: (end: End) => Promise<T>): Promise<[T, T]> {
  return isOneDatabase(pair) ? [await ask(pair.from), await ask(pair.to)] : Promise.all([ask(pair.from), ask(pair.to)]);
}

interface Asked {
  table: MovingTable;
  buckets: number;
  strays: Strays;
}

/**
 * All at once where nobody else works there; else range by range of the key, in the order of this place, with rests in between. A
 * sum depends on no order, so that the two places need not have the same ranges.
 */
async function checksums(end: End, asked: Asked, pace: Pacer): Promise<Bucket[]> {
  const sums = new Map<number, Bucket>();
  for (let after: Key | null = null; ; ) {
    const begun = performance.now();
    const most = pace.rowsAtOnce(Number.MAX_SAFE_INTEGER);
    const upTo: Key | null = most < Number.MAX_SAFE_INTEGER ? await boundary(end, asked.table, after, most) : null;
    for (const one of await rangeSums(end, asked, after, upTo)) {
      const { rows, sum } = sums.get(one.bucket) ?? { rows: "0", sum: "0" };
      const added = { rows: String(BigInt(rows) + BigInt(one.rows)), sum: String(BigInt(sum) + BigInt(one.sum)) };
      sums.set(one.bucket, { bucket: one.bucket, ...added });
    }
    if (upTo === null) return [...sums.values()];
    after = upTo;
    await pace.spent(performance.now() - begun, most);
  }
}

async function rangeSums(
  { client, standing }: End,
  { table, buckets, strays }: Asked,
  after: Key | null,
  upTo: Key | null,
): Promise<Bucket[]> {
  const { rows } = await client.query<Bucket>(
    `SELECT (${keyHash(table, "t")} & ${buckets - 1})::int AS bucket, count(*)::text AS rows, sum(${rowHash(table, "t")})::text AS sum
       FROM ${relation(standing.schema, table.name)} AS t
      WHERE ${isMine(table, standing, "t", strays)} AND ${between(table, "t", after, upTo)}
      GROUP BY 1`,
  );
  return rows;
}

function differing(source: Bucket[], target: Bucket[]): number[] {
  const others = new Map(target.map((one) => [one.bucket, `${one.rows} ${one.sum}`]));
  const seen = new Set(source.map(({ bucket }) => bucket));
  return [
    ...source.filter((one) => others.get(one.bucket) !== `${one.rows} ${one.sum}`).map(({ bucket }) => bucket),
    ...target.filter(({ bucket }) => !seen.has(bucket)).map(({ bucket }) => bucket),
  ];
}

async function nameRows(
  pair: Pair,
  table: MovingTable,
  buckets: number,
  bad: number[],
  strays: Strays,
): Promise<Difference[]> {
  const list = async ({ client, standing }: End) => {
    const { rows } = await client.query<{ key: Key; hash: string }>(
      `SELECT ${keyText(table, "t")} AS key, ${rowHash(table, "t")}::text AS hash
         FROM ${relation(standing.schema, table.name)} AS t
        WHERE ${isMine(table, standing, "t", strays)} AND (${keyHash(table, "t")} & ${buckets - 1})::int = ANY ($1)`,
      [bad.slice(0, namedMax)],
    );
    return new Map(rows.map(({ key, hash }) => [JSON.stringify(key), hash]));
  };
  const [source, target] = await onBoth(pair, list);
  const found: Difference[] = [];
  for (const [key, hash] of source) {
    const other = target.get(key);
    if (other !== hash) found.push({ key: JSON.parse(key), what: other === undefined ? "only here" : "differs" });
  }
  for (const key of target.keys()) if (!source.has(key)) found.push({ key: JSON.parse(key), what: "only there" });
  return found.slice(0, namedMax);
}

/** Of all buckets, as text; it depends on no order. */
function total(buckets: Bucket[]): string {
  return buckets.reduce((sum, one) => sum + BigInt(one.sum), 0n).toString();
}
