/** Where an entry stands in the order of the log. Times are UTC text of one width, ids have one sign. */
interface Place {
  at: string;
  id: string;
}

/** Below zero where `a` is the older of two entries of one database. */
export function byAge(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.id === b.id ? 0 : BigInt(a.id) < BigInt(b.id) ? -1 : 1;
}

/** What a database's log and its archived months gave, newest first; what a month on its way gave twice stands once. */
export function mergedNewest<T extends Place>(...answers: (readonly T[])[]): T[] {
  return [...new Map(answers.flat().map((row) => [row.id, row])).values()].sort((a, b) => byAge(b, a));
}
