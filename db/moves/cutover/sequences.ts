import {
  blockOf,
  type Handover,
  isOfBlock,
  isWide,
  leaveOut,
  type Portion,
  paired,
  sequencesOf,
  setNumber,
} from "../../managed/moving/numbers.ts";
import { type End, isOneDatabase, type Pair } from "../pair.ts";
import type { ReferenceTable } from "../plan/references.ts";

/** A thousandth of what is left, at most a million. */
const portion: Portion = { of: 1_000n, most: 1_000_000n };

/** Of the sequences $1 at the place that opens, the next values $2; none is ever set back. */
export const setNextSql = `SELECT setval(s, next) FROM unnest($1::text[]::regclass[], $2::bigint[]) AS receiving (s, next)
      WHERE coalesce(pg_sequence_last_value(s), 0) < next`;

/**
 * Whether others draw from a sequence of a place too: in the shared schema, and where the tables of a tenant's own schema were made to
 * go on with the shared ones' sequences.
 */
export function isCommon({ address, standing }: Pick<End, "address" | "standing">, schema: string): boolean {
  return address.tier === "shared" || (address.tier === "schema" && schema !== standing.schema);
}

/** Which sequences go on from which. It reads the catalog, and so belongs before the pause. */
export async function findHandovers(pair: Pair): Promise<Handover[]> {
  const names = pair.tables.map(({ name }) => name);
  const giving = await sequencesOf(pair.from.client, pair.from.standing.schema, names);
  const receiving = await sequencesOf(pair.to.client, pair.to.standing.schema, names);
  return paired(giving, receiving);
}

/**
 * Lets the place that opens go on with ids that nobody has. From sequences that others draw from too a tenant takes a block of its
 * own, so that it and the others never draw the same id and the way back stays open; for columns that are too narrow for that it was
 * set aside before. Sequences are outside transactions, so that this may run twice.
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
  if (isOneDatabase(pair) && handover.giving === handover.receiving) return null;
  if (isCommon(pair.to, handover.receivingSchema)) {
    // Others draw from it meanwhile: the margin keeps this from ever setting it back.
    return given > 0n && !isOfBlock(given) ? given + 10_000n : null;
  }
  if (isCommon(pair.from, handover.givingSchema)) return isWide(handover) ? blockOf(pair.moveNumber) : null;
  return given > 0n ? given : null;
}

/**
 * Sets ids aside for a tenant that leaves a sequence which others draw from too, where a column or that sequence has no room for
 * blocks: it jumps, and the tenant draws what it left out. That is a thousandth of what is left, at most a million. In another
 * database the shared tables that went along draw such ids too: their rows may be brought back.
 */
export async function setIdsAside(pair: Pair, references: readonly ReferenceTable[]): Promise<void> {
  for (const one of await findHandovers(pair)) {
    const parts = isCommon(pair.from, one.givingSchema) && !isCommon(pair.to, one.receivingSchema);
    if (parts && !isWide(one)) await leaveOut(pair.from.client, pair.to.client, one, portion);
  }
  for (const { schema, name } of references) {
    const giving = await sequencesOf(pair.from.client, schema, [name]);
    const receiving = await sequencesOf(pair.to.client, schema, [name]);
    for (const one of paired(giving, receiving)) {
      if (isWide(one)) await setNumber(pair.to.client, one.receiving, blockOf(pair.moveNumber));
      else await leaveOut(pair.from.client, pair.to.client, one, portion);
    }
  }
}
