import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { type Archive, archivesOf } from "../archive/registry.ts";
import { holdsTable } from "../cold/archives.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { Values } from "../conditions.ts";
import type { HoldRule } from "../retention/contract.ts";
import { heldSql } from "../retention/expiry-sql.ts";
import type { ErasureInput } from "./contract.ts";
import { archivedErasureWhere, erasureWhere } from "./erasure-sql.ts";

/** Entries that hold a subject's values, wherever they lie; a month that was brought back is in PostgreSQL and in a file. */
export interface FoundValues {
  /** Each once, in the order of their ids. */
  ids: string[];
  archived: { month: string; ids: string[] }[];
}

/**
 * `besides` are holds whose entries keep their values.
 *
 * @throws Refusal `invalid` when there are more than `most`.
 */
export async function findValues(
  input: ErasureInput,
  most: number,
  besides: readonly { rules: HoldRule[] }[] = [],
): Promise<FoundValues> {
  const { where, values } = without(erasureWhere(input), besides);
  const hot = await withDatabase(
    input.databaseId,
    async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT id::text FROM caretaker.audit_logs WHERE ${where} LIMIT ${most + 1}`,
        values,
      );
      return rows.map(({ id }) => id);
    },
    { limits: limits.long },
  );
  const archived: FoundValues["archived"] = [];
  for (const archive of await archivesOf([input.databaseId])) {
    const { subject } = input;
    const mayHold = subject.kind === "actor" || holdsTable(archive, subject);
    const ids = mayHold ? await idsIn(archive, input, most, besides) : [];
    if (ids.length > 0) archived.push({ month: archive.month, ids });
  }
  const ids = [...new Set([hot, ...archived.map((month) => month.ids)].flat())];
  if (ids.length > most) {
    throw new Refusal("invalid", `More than ${most} entries hold this subject's values.`, {
      fix: "Erase fewer records at a time.",
    });
  }
  return { ids: ids.sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)), archived };
}

/** A condition, but for entries that a hold keeps. */
function without(
  { where, values }: { where: string; values: readonly unknown[] },
  holds: readonly { rules: HoldRule[] }[],
): { where: string; values: unknown[] } {
  const all = new Values();
  all.list.push(...values);
  const held = heldSql(all, holds);
  return { where: `(${where}) AND NOT ${held}`, values: all.list };
}

async function idsIn(
  archive: Archive,
  input: ErasureInput,
  most: number,
  besides: readonly { rules: HoldRule[] }[],
): Promise<string[]> {
  const signal = AbortSignal.timeout(120_000);
  const file = await coldFile(archive, signal);
  const { where, values } = without(archivedErasureWhere(input), besides);
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT id::VARCHAR FROM read_parquet(${quoted(file)}) WHERE ${where} ORDER BY id LIMIT ${most + 1}`,
      values.map(String),
    );
    return reader.getRows().map(([id]) => String(id));
  });
}
