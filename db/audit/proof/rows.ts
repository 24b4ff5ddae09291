import type pg from "pg";
import { type PrintedRow, type RowReader, readCopy } from "../../copy/rows.ts";
import { canonicalCopySql, canonicalSettings } from "./canonical.ts";

const tab = 9;

/** Hands on each canonical row that PostgreSQL prints, in the caller's transaction. `rest` follows FROM. */
export async function printRows(
  client: pg.ClientBase,
  rest: string,
  signal: AbortSignal,
  reader: RowReader,
): Promise<void> {
  await client.query(canonicalSettings);
  await readCopy(client, canonicalCopySql(rest), signal, reader);
}

/** The row's first, second and third column. */
export function idOf({ bytes, from }: PrintedRow): string {
  return bytes.toString("latin1", from, bytes.indexOf(tab, from));
}

export function createdAtOf({ bytes, from }: PrintedRow): string {
  const first = bytes.indexOf(tab, from) + 1;
  return bytes.toString("latin1", first, bytes.indexOf(tab, first));
}

export function transactionOf({ bytes, from }: PrintedRow): string {
  const second = bytes.indexOf(tab, bytes.indexOf(tab, from) + 1) + 1;
  return bytes.toString("latin1", second, bytes.indexOf(tab, second));
}
