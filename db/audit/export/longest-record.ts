import { createReadStream } from "node:fs";

const [lineFeed, quote] = [10, 34];

/** The length in bytes of the longest record of a CSV file, whose quoted cells may hold line breaks. */
export async function longestRecord(csv: string, signal: AbortSignal): Promise<number> {
  let [longest, length, quoted] = [0, 0, false];
  for await (const chunk of createReadStream(csv, { highWaterMark: 1 << 20, signal })) {
    const bytes: Buffer = chunk;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      length++;
      if (byte === quote) quoted = !quoted;
      if (byte !== lineFeed || quoted) continue;
      longest = Math.max(longest, length);
      length = 0;
    }
  }
  return Math.max(longest, length);
}
