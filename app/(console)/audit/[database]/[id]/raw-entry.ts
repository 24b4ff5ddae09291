import type { AuditEntryDetail } from "#db/audit/contract.ts";

/** The entry as JSON. Row images and metadata go in as PostgreSQL printed them, so that no digit is lost on the way. */
export function rawEntry(entry: AuditEntryDetail): string {
  const { before, after, metadata, siblings: _siblings, siblingsMore: _more, sentence: _sentence, ...known } = entry;
  const images = [`"before": ${before ?? "null"}`, `"after": ${after ?? "null"}`, `"metadata": ${metadata}`];
  return `${JSON.stringify(known, null, 2).slice(0, -2)},\n  ${images.join(",\n  ")}\n}`;
}
