import { closeSync, openSync, readSync } from "node:fs";

/** What is worked on at once: small enough to stay in a core's cache from the reading to the last hash over it. */
const chunkBytes = 1 << 18;

/**
 * Reads a file through one buffer and hands what stands in it on; `take` answers how much of it is done with, and the rest comes
 * again with what follows. A stream's buffers would be a new one for each chunk. Answers how many bytes were left over at the end.
 */
export function readChunks(path: string, take: (bytes: Buffer) => number): number {
  const file = openSync(path, "r");
  try {
    let buffer = Buffer.alloc(chunkBytes);
    let held = 0;
    for (;;) {
      const read = readSync(file, buffer, held, buffer.length - held, null);
      if (read === 0) return held;
      held += read;
      const done = take(buffer.subarray(0, held));
      buffer.copyWithin(0, done, held);
      held -= done;
      // A line that is longer than the buffer.
      if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    }
  } finally {
    closeSync(file);
  }
}
