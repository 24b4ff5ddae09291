import type pg from "pg";
import { relation } from "../../managed/statement.ts";
import type { End, Pair } from "../pair.ts";
import type { ReferenceTable } from "../plan/references.ts";

/** Where the blocks begin that tenants with sequences of their own draw from: above every shared sequence, below 2^53. */
const blocksFrom = 1_000_000_000_000_000n;
const blockSize = 1_000_000_000n;
const narrowBlockMax = 1_000_000n;

/** Of the sequences $1 at the place that opens, the next values $2; none is ever set back. */
export const setNextSql = `SELECT setval(s, next) FROM unnest($1::text[]::regclass[], $2::bigint[]) AS receiving (s, next)
      WHERE coalesce(pg_sequence_last_value(s), 0) < next`;

/** Of the sequence $1, the next value $2. */
export const setAsideSql = "SELECT setval($1::regclass, $2::bigint)";

export interface Numbered {
  table: string;
  column: string;
  sequence: string;
  /** The largest value that both the column and the sequence take. */
  max: bigint;
}

/** A column that both places number, with the sequence of each. */
export interface Handover {
  giving: string;
  receiving: string;
  max: bigint;
}

/** Which sequences go on from which. It reads the catalog, and so belongs before the pause. */
export async function findHandovers(pair: Pair): Promise<Handover[]> {
  const names = pair.tables.map(({ name }) => name);
  const giving = await sequencesOf(pair.from.client, pair.from.standing.schema, names);
  const receiving = await sequencesOf(pair.to.client, pair.to.standing.schema, names);
  return paired(giving, receiving);
}

function paired(giving: readonly Numbered[], receiving: readonly Numbered[]): Handover[] {
  return receiving.flatMap(({ table, column, sequence, max }) => {
    const other = giving.find((one) => one.table === table && one.column === column);
    return other ? [{ giving: other.sequence, receiving: sequence, max }] : [];
  });
}

/**
 * Lets the place that opens go on with ids that nobody has. From the shared schema a tenant takes a block of its own, so that it
 * and the others never draw the same id and the way back stays open; for columns that are too narrow for that it was set aside
 * before. Sequences are outside transactions, so that this may run twice.
 */
export async function handOverSequences(pair: Pair, handovers: readonly Handover[]): Promise<void> {
  if (handovers.length === 0) return;
  const { rows } = await pair.from.client.query<{ last: string }>(
    `SELECT coalesce(pg_sequence_last_value(s), 0)::text AS last
       FROM unnest($1::text[]::regclass[]) WITH ORDINALITY AS given (s, n) ORDER BY n`,
    [handovers.map(({ giving }) => giving)],
  );
  const next = handovers.map((one, at) => nextValue(pair, one, BigInt(rows[at]?.last ?? 0)));
  await pair.to.client.query(setNextSql, [
    handovers.map(({ receiving }) => receiving),
    next.map((value) => value?.toString() ?? null),
  ]);
}

function nextValue(pair: Pair, handover: Handover, given: bigint): bigint | null {
  if (pair.to.standing.shared) {
    // Others draw from it meanwhile: the margin keeps this from ever setting it back.
    return given > 0n && given < blocksFrom ? given + 10_000n : null;
  }
  if (pair.from.standing.shared) return isWide(handover) ? blocksFrom + BigInt(pair.moveNumber) * blockSize : null;
  return given > 0n ? given : null;
}

/** Whether there is room for blocks. */
export function isWide({ max }: { max: bigint }): boolean {
  return max > 2n * blocksFrom;
}

/**
 * Sets ids aside for a tenant that leaves the shared schema, where a column or its sequence has no room for blocks: the shared
 * sequence jumps, and the tenant draws what it left out. That is a thousandth of what is left, at most a million. In another
 * database the shared tables that went along draw such ids too: their rows may be brought back.
 */
export async function setIdsAside(pair: Pair, references: readonly ReferenceTable[]): Promise<void> {
  if (pair.from.standing.shared) {
    for (const one of (await findHandovers(pair)).filter((handover) => !isWide(handover))) await jump(pair, one);
  }
  for (const { schema, name } of references) {
    const giving = await sequencesOf(pair.from.client, schema, [name]);
    const receiving = await sequencesOf(pair.to.client, schema, [name]);
    for (const one of paired(giving, receiving)) {
      if (isWide(one)) await set(pair.to, one.receiving, blocksFrom + BigInt(pair.moveNumber) * blockSize);
      else await jump(pair, one);
    }
  }
}

async function jump({ from, to }: Pair, { giving, receiving, max }: Handover): Promise<void> {
  const { rows } = await from.client.query<{ last: string }>(
    "SELECT coalesce(pg_sequence_last_value($1::regclass), 0)::text AS last",
    [giving],
  );
  const last = BigInt(rows[0]?.last ?? 0);
  const left = (max - last) / 1_000n;
  const size = left < narrowBlockMax ? left : narrowBlockMax;
  // Others may draw while this runs.
  const begin = last + 1n + size / 100n;
  await set(from, giving, begin + size);
  await set(to, receiving, begin);
}

async function set({ client }: End, sequence: string, value: bigint): Promise<void> {
  await client.query(setAsideSql, [sequence, value.toString()]);
}

/** The sequences that fill columns of the moving tables, by a default or as an identity. */
export async function sequencesOf(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
): Promise<Numbered[]> {
  const { rows } = await client.query<
    Omit<Numbered, "sequence" | "max"> & { place: string; name: string; max: string }
  >(
    `SELECT c.relname AS "table", a.attname AS "column", n.nspname AS place, s.relname AS name,
            least(q.seqmax, CASE a.attlen WHEN 2 THEN 32767 WHEN 8 THEN 9223372036854775807 ELSE 2147483647 END)::text AS max
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass
                       AND (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                            OR p.classid = 'pg_class'::regclass AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype = 'i')
       JOIN pg_class s ON s.relkind = 'S' AND s.oid = CASE p.classid WHEN 'pg_attrdef'::regclass THEN p.refobjid ELSE p.objid END
       JOIN pg_sequence q ON q.seqrelid = s.oid
       JOIN pg_namespace n ON n.oid = s.relnamespace
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relname = ANY ($2)`,
    [schema, tables],
  );
  return rows.map(({ place, name, max, ...row }) => ({
    ...row,
    sequence: relation(place, name),
    max: BigInt(max),
  }));
}
