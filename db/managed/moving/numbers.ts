import type pg from "pg";
import { relation } from "../statement.ts";

/** Where the blocks begin that tenants with sequences of their own draw from: above every shared sequence, below 2^53. */
const blocksFrom = 1_000_000_000_000_000n;
const blockSize = 1_000_000_000n;

/** Of the sequence $1, the next value $2. */
export const setAsideSql = "SELECT setval($1::regclass, $2::bigint)";

/**
 * Of the sequence $1: it leaves ids out, a part of what is left up to $2, one in $3 and at most $4, and the answer is where they
 * begin; none where others drew one of them meanwhile. One at a time, for whoever comes second to read what the first has set.
 */
export const leaveOutSql = `WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('caretaker.ids ' || $1::regclass::oid, 0))),
     given AS MATERIALIZED (SELECT coalesce(pg_sequence_last_value($1::regclass), 0) AS last FROM held),
     part AS MATERIALIZED (SELECT last, greatest(0, least(($2::bigint - last) / $3::bigint, $4::bigint)) AS size FROM given),
     bounds AS MATERIALIZED (SELECT last + 1 + size / 100 AS begins, last + 1 + size / 100 + size AS next FROM part)
SELECT begins::text, setval($1::regclass, next) FROM bounds WHERE coalesce(pg_sequence_last_value($1::regclass), 0) < begins`;

export interface Numbered {
  table: string;
  column: string;
  sequence: string;
  /** Of the sequence. */
  schema: string;
  /** The largest value that both the column and the sequence take. */
  max: bigint;
}

/** A sequence of two places, of which one goes on from the other or leaves ids out for it. */
export interface Handover {
  giving: string;
  givingSchema: string;
  receiving: string;
  receivingSchema: string;
  /** Of the narrowest column that it fills. */
  max: bigint;
}

/** Whether there is room for blocks. */
export function isWide({ max }: { max: bigint }): boolean {
  return max > 2n * blocksFrom;
}

/** Moves and tenants that are made apart are numbered together, so that no two draw from one block. */
export function blockOf(number: number): bigint {
  return blocksFrom + BigInt(number) * blockSize;
}

/** Whether an id comes from a block of a tenant's own, and not from a shared sequence. */
export function isOfBlock(value: bigint): boolean {
  return value >= blocksFrom;
}

/** Two places' sequences of one column belong together. */
export function paired(giving: readonly Numbered[], receiving: readonly Numbered[]): Handover[] {
  const pairs = new Map<string, Handover>();
  for (const { table, column, sequence, schema, max } of receiving) {
    const other = giving.find((one) => one.table === table && one.column === column);
    const known = pairs.get(sequence);
    if (!other || (known && known.max <= max)) continue;
    pairs.set(sequence, {
      giving: other.sequence,
      givingSchema: other.schema,
      receiving: sequence,
      receivingSchema: schema,
      max,
    });
  }
  return [...pairs.values()];
}

/** How much of what is left one tenant gets, and at most. */
export interface Portion {
  of: bigint;
  most: bigint;
}

/** Where there is no room for blocks the giving sequence jumps, and the receiving one draws what it left out. */
export async function leaveOut(
  from: pg.ClientBase,
  to: pg.ClientBase,
  { giving, receiving, max }: Handover,
  portion: Portion,
): Promise<void> {
  const values = [giving, ...[max, portion.of, portion.most].map(String)];
  for (;;) {
    const { rows } = await from.query<{ begins: string }>(leaveOutSql, values);
    const [part] = rows;
    if (part) return await setNumber(to, receiving, BigInt(part.begins));
  }
}

export async function setNumber(client: pg.ClientBase, sequence: string, value: bigint): Promise<void> {
  await client.query(setAsideSql, [sequence, value.toString()]);
}

/** The sequences that fill columns of tables, by a default, as an identity, or because they belong to them. Those that count down are nobody's to set. */
export async function sequencesOf(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
): Promise<Numbered[]> {
  const { rows } = await client.query<Omit<Numbered, "sequence" | "max"> & { name: string; max: string }>(
    `SELECT DISTINCT c.relname AS "table", a.attname AS "column", n.nspname AS schema, s.relname AS name,
            least(q.seqmax, CASE a.attlen WHEN 2 THEN 32767 WHEN 8 THEN 9223372036854775807 ELSE 2147483647 END)::text AS max
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass
                       AND (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                            OR p.classid = 'pg_class'::regclass AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i'))
       JOIN pg_class s ON s.relkind = 'S' AND s.oid = CASE p.classid WHEN 'pg_attrdef'::regclass THEN p.refobjid ELSE p.objid END
       JOIN pg_sequence q ON q.seqrelid = s.oid
       JOIN pg_namespace n ON n.oid = s.relnamespace
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relname = ANY ($2) AND q.seqincrement > 0
      ORDER BY 1, 2, 3, 4`,
    [schema, tables],
  );
  return rows.map(({ name, max, ...row }) => ({
    ...row,
    sequence: relation(row.schema, name),
    max: BigInt(max),
  }));
}
