const largest = 2n ** 63n - 1n;

/** Whether a text can be an entry's id, so that PostgreSQL will take it as a bigint. */
export function isEntryId(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) <= largest;
}

/**
 * Finds an entry by its id alone: the id is (milliseconds since 1970 << 20) | sequence, taken at created_at, so the id says in
 * which partition the entry is. `id` is a placeholder; the margin is for rounding.
 */
export function byEntryId(id: string): string {
  const moment = `to_timestamp((${id}::bigint >> 20) / 1000.0)`;
  return `created_at BETWEEN ${moment} - interval '2 ms' AND ${moment} + interval '2 ms' AND id = ${id}::bigint`;
}
