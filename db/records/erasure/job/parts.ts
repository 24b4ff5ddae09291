import type { FoundEntries } from "../find/findings.ts";

/** What the log is to lose by both, each table and set of columns once. */
export function joined(before: readonly FoundEntries[], now: readonly FoundEntries[]): FoundEntries[] {
  const parts = new Map<string, FoundEntries>();
  for (const part of [...before, ...now]) {
    const key = JSON.stringify([part.schema, part.table, part.columns]);
    const known = parts.get(key);
    parts.set(key, known ? { ...known, records: [...new Set([...known.records, ...part.records])] } : part);
  }
  return [...parts.values()];
}
