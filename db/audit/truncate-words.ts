import { z } from "zod";

/** What a TRUNCATE's entry says of the rows that it removed: see db/managed/capture/truncate.ts. */
const truncated = z.object({
  rows: z.number(),
  estimated: z.boolean().default(false),
  kept: z.boolean().default(false),
  not_kept: z.object({ limit: z.number().nullable().optional(), error: z.string().optional() }).optional(),
});

/** "12,000 rows, only counted: at most 10,000 are kept." Null for another entry's metadata. */
export function truncateWords(metadata: string): string | null {
  const parsed = truncated.safeParse(JSON.parse(metadata));
  if (!parsed.success) return null;
  const { rows, estimated, kept, not_kept: why } = parsed.data;
  const many = `${estimated ? "About " : ""}${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
  if (kept) return `${many}, each kept as a deletion of its own.`;
  if (why?.error !== undefined) return `${many}, only counted: keeping them met the error ${why.error}.`;
  if (why?.limit === undefined || why.limit === null) return `${many}, only counted: the entry does not say why.`;
  return `${many}, only counted: at most ${why.limit.toLocaleString("en")} are kept.`;
}
