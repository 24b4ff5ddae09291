import type pg from "pg";
import { readCopy } from "./rows.ts";

/** A block is handed over once it is this full, and what one read of the network brings fits in beside it. */
const enoughBytes = 256 << 10;
const blockBytes = 1 << 20;

/**
 * Passes on what COPY … TO STDOUT prints, a block at a time: `write` is done with the bytes when it answers, and the next are laid
 * over them, so that millions of rows leave nothing to collect. The first block comes with the first rows. Answers how many rows
 * PostgreSQL says it were.
 *
 * @throws as `readCopy`, and what `write` throws; the connection is then of no use.
 */
export async function copyBlocks(
  client: pg.ClientBase,
  text: string,
  signal: AbortSignal,
  write: (block: Buffer) => Promise<void>,
): Promise<number> {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  let enough = 1;
  const handOver = () => {
    const bytes = block.subarray(0, filled);
    filled = 0;
    enough = enoughBytes;
    return write(bytes);
  };
  const rows = await readCopy(client, text, signal, {
    take({ bytes, from, to }) {
      const end = to + 1; // with its line feed
      if (filled + end - from > block.length) block = larger(block, filled + end - from);
      filled += bytes.copy(block, filled, from, end);
    },
    pause: () => (filled >= enough ? handOver() : null),
  });
  if (filled > 0) await handOver();
  return rows;
}

function larger(block: Buffer, bytes: number): Buffer<ArrayBuffer> {
  const grown = Buffer.allocUnsafeSlow(2 * bytes);
  block.copy(grown);
  return grown;
}
