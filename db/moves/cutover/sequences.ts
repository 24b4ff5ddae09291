import { relation } from "../../managed/statement.ts";
import type { End, Pair } from "../pair.ts";

/** Where the blocks begin that tenants with sequences of their own draw from: above every shared sequence, below 2^53. */
const blocksFrom = 1_000_000_000_000_000n;
const blockSize = 1_000_000_000n;

interface Numbered {
  table: string;
  column: string;
  sequence: string;
  bits: number;
  /** The last value that it gave, or 0. */
  last: bigint;
}

/**
 * Lets the place that opens go on with ids that nobody has. From the shared schema a tenant takes a block of its own, so that it
 * and the others never draw the same id and the way back stays open; a 32-bit column has no room for blocks and goes on from the
 * shared sequence. Sequences are outside transactions, so that this may run twice.
 */
export async function handOverSequences(pair: Pair): Promise<void> {
  const giving = await sequencesOf(pair.from, pair.tables);
  const receiving = await sequencesOf(pair.to, pair.tables);
  for (const one of receiving) {
    const other = giving.find(({ table, column }) => table === one.table && column === one.column);
    const next = nextValue(pair, one, other?.last ?? 0n);
    if (next !== null && one.last < next) {
      await pair.to.client.query("SELECT setval($1::regclass, $2::bigint)", [one.sequence, next.toString()]);
    }
  }
}

function nextValue(pair: Pair, one: Numbered, given: bigint): bigint | null {
  if (pair.to.standing.shared) {
    // Others draw from it meanwhile: the margin keeps this from ever setting it back.
    return given > 0n && given < blocksFrom ? given + 10_000n : null;
  }
  if (pair.from.standing.shared && one.bits === 64) return blocksFrom + BigInt(pair.moveNumber) * blockSize;
  return given > 0n ? given : null;
}

/** The sequences that fill columns of the moving tables, by a default or as an identity. */
async function sequencesOf({ client, standing }: End, tables: Pair["tables"]): Promise<Numbered[]> {
  const { rows } = await client.query<
    Omit<Numbered, "last" | "sequence"> & { schema: string; name: string; last: string }
  >(
    `SELECT c.relname AS "table", a.attname AS "column", n.nspname AS schema, s.relname AS name, a.attlen * 8 AS bits,
            coalesce(pg_sequence_last_value(s.oid), 0)::text AS last
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass
                       AND (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                            OR p.classid = 'pg_class'::regclass AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype = 'i')
       JOIN pg_class s ON s.relkind = 'S' AND s.oid = CASE p.classid WHEN 'pg_attrdef'::regclass THEN p.refobjid ELSE p.objid END
       JOIN pg_namespace n ON n.oid = s.relnamespace
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relname = ANY ($2)`,
    [standing.schema, tables.map(({ name }) => name)],
  );
  return rows.map(({ schema, name, last, ...row }) => ({
    ...row,
    sequence: relation(schema, name),
    last: BigInt(last),
  }));
}
