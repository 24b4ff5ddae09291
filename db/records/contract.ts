import { z } from "zod";
import type { EntryActor, Silent } from "../audit/contract.ts";
import { filterMoment } from "../audit/contract.ts";

const name = z.string().min(1).max(63);
const text = z.string().trim().min(1).max(400);

export const deletedFilter = z.object({
  database: z.uuid().optional(),
  tenant: text.optional(),
  schema: name.optional(),
  table: name.optional(),
  /** Who deleted; only hard-deleted rows can be found by it. */
  actor: text.optional(),
  /** The primary key's canonical text. */
  record: text.optional(),
  kind: z.enum(["hard", "soft"]).optional(),
  transaction: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  from: filterMoment.optional(),
  to: filterMoment.optional(),
});
export type DeletedFilter = z.infer<typeof deletedFilter>;

const deletedFields = Object.keys(deletedFilter.shape) as (keyof DeletedFilter)[];

/** Reads a filter from search params. What does not parse is left out and named, never an error. */
export function readDeletedFilter(params: Record<string, string | string[] | undefined>): {
  filter: DeletedFilter;
  dropped: string[];
} {
  const filter: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const field of deletedFields) {
    const value = params[field];
    if (value === undefined || value === "") continue;
    const parsed = deletedFilter.shape[field].safeParse(Array.isArray(value) ? value[0] : value);
    if (parsed.success) filter[field] = parsed.data;
    else dropped.push(field);
  }
  return { filter: deletedFilter.parse(filter), dropped };
}

/** The search params of a filter, in a stable order. */
export function deletedFilterQuery(filter: DeletedFilter): string {
  const params = new URLSearchParams();
  for (const field of deletedFields) {
    const value = filter[field];
    if (value !== undefined) params.set(field, value);
  }
  return params.toString();
}

export const deletedQuery = deletedFilter.extend({ cursor: z.string().max(2000).optional() });

/** A row that was deleted and is not live again. */
export interface DeletedRow {
  database: string;
  databaseName: string;
  /** hard: gone, known from the audit log. soft: still in its table, marked as deleted. */
  kind: "hard" | "soft";
  schema: string;
  table: string;
  /** The primary key's canonical text; null for a table without a key. */
  record: string | null;
  /** A name, title or the like, where the row has one that is not masked. */
  label: string | null;
  /** ISO 8601, UTC, microseconds; null for a flag without a time whose setting was not recorded. */
  at: string | null;
  actor: EntryActor | null;
  reason: string | null;
  tenant: string | null;
  /** The audit entry of the deletion, where there is one. */
  entry: string | null;
  transaction: string | null;
  /** Where the tenant lives, when it has moved since: the row comes back there. */
  movedTo: string | null;
  /** How many rows the same transaction deleted, this one among them. */
  together: number;
  /** From when a switched-on policy removes it; null when none does. */
  purgeAt: string | null;
  /** How sure this is, in one sentence. */
  evidence: string;
}

export interface DeletedPage {
  rows: DeletedRow[];
  next: string | null;
  silent: Silent[];
}
