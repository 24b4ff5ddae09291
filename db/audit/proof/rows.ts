import { addAbortSignal } from "node:stream";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { canonicalCopySql, canonicalSettings } from "./canonical.ts";

/** A canonical row inside a buffer that is only good until the next one is asked for. */
export interface PrintedRow {
  bytes: Buffer;
  from: number;
  to: number;
}

const lineFeed = 10;
const tab = 9;

/** Calls `take` with each canonical row that PostgreSQL prints. `rest` follows FROM. */
export async function printRows(
  client: pg.PoolClient,
  rest: string,
  signal: AbortSignal,
  take: (row: PrintedRow) => void,
  /** Awaited now and then, where what was taken can be put away. */
  pause: () => Promise<void> = async () => {},
): Promise<void> {
  await client.query(canonicalSettings);
  const stream = client.query(copyTo(canonicalCopySql(rest), { highWaterMark: 1 << 20 }));
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of addAbortSignal(signal, stream)) {
    const bytes: Buffer = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    let from = 0;
    for (let to = bytes.indexOf(lineFeed); to >= 0; to = bytes.indexOf(lineFeed, from)) {
      take({ bytes, from, to });
      from = to + 1;
    }
    left = bytes.subarray(from);
    await pause();
  }
}

/** The row's first and third column. */
export function idOf({ bytes, from }: PrintedRow): string {
  return bytes.toString("latin1", from, bytes.indexOf(tab, from));
}

export function transactionOf({ bytes, from }: PrintedRow): string {
  const second = bytes.indexOf(tab, bytes.indexOf(tab, from) + 1) + 1;
  return bytes.toString("latin1", second, bytes.indexOf(tab, second));
}
