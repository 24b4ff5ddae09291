const [zero, minus] = [48, 45];
const half = 2 ** 32;

/**
 * Writes the id whose decimal digits begin at `from` as 8 bytes, big-endian. By halves: a BigInt for every entry takes longer than
 * its hash.
 *
 * @throws RangeError when it has more than 64 bits.
 */
export function idInto(target: Buffer, at: number, digits: Buffer, from: number): void {
  const isNegative = digits[from] === minus;
  let [high, low] = [0, 0];
  for (let next = isNegative ? from + 1 : from; ; next++) {
    const digit = (digits[next] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    low = low * 10 + digit;
    high = high * 10 + Math.floor(low / half);
    low = low >>> 0;
  }
  if (isNegative) [high, low] = low === 0 ? [half - high, 0] : [half - high - 1, half - low];
  target.writeUInt32BE(high, at);
  target.writeUInt32BE(low, at + 4);
}

export function idsOf(packed: Buffer): bigint[] {
  return Array.from({ length: packed.length / 8 }, (_, at) => packed.readBigInt64BE(at * 8));
}

/** The least and the greatest of ids that lie side by side; null of none. */
export function idBounds(packed: Buffer): [least: bigint, greatest: bigint] | null {
  if (packed.length === 0) return null;
  const ids = new DataView(packed.buffer, packed.byteOffset, packed.length);
  let [least, greatest] = [0, 0];
  for (let at = 8; at < packed.length; at += 8) {
    if (isBefore(ids, at, least)) least = at;
    if (isBefore(ids, greatest, at)) greatest = at;
  }
  return [ids.getBigInt64(least), ids.getBigInt64(greatest)];
}

function isBefore(ids: DataView, one: number, other: number): boolean {
  const [high, otherHigh] = [ids.getInt32(one), ids.getInt32(other)];
  return high === otherHigh ? ids.getUint32(one + 4) < ids.getUint32(other + 4) : high < otherHigh;
}
