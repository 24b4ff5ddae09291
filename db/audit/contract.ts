import { z } from "zod";
import { Refusal } from "../errors.ts";
import { is, isMoment, momentBounds, parseQuery, printQuery, type Term } from "./query/contract.ts";
import { namedTerms } from "./query/named.ts";

// One filter for the page, the API, the export and the saved view, so that they can never disagree.

export * from "./query/contract.ts";
export { unknownActor } from "./query/named.ts";

/** A moment in a filter: a year, month or day in UTC, a time, or so long before now, such as -30d. */
export const filterMoment = z.string().max(40).refine(isMoment, "Write a day, a time or so long before now: -30d.");

const query = z
  .string()
  .trim()
  .max(2_000)
  .superRefine((text, context) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) context.addIssue({ code: "custom", message: `At character ${parsed.at + 1}: ${parsed.message}` });
  });

export const auditFilter = z.object({
  /** A managed database's id, or "console" for the console's own log. */
  database: z.union([z.uuid(), z.literal("console")]).optional(),
  /** A tenant's id in the console, or else a tenant key as the application writes it. */
  tenant: z.string().trim().min(1).max(400).optional(),
  /** The query language: see parseQuery. */
  q: query.optional(),
});

export type AuditFilter = z.infer<typeof auditFilter>;

/**
 * The filter as a route handler and the command line take it; the names that links had before the language are still understood, and
 * refused where they mean nothing, since without them more would be answered than was asked.
 */
export const auditQuery = z.preprocess(withNamed, auditFilter.extend({ cursor: z.string().max(2000).optional() }));

function withNamed(input: unknown, context: z.RefinementCtx): unknown {
  if (typeof input !== "object" || input === null) return input;
  const { terms, dropped } = namedTerms({ ...input });
  for (const name of dropped) {
    context.addIssue({
      code: "custom",
      path: [name],
      message: "This cannot be read, and nothing was asked without it.",
    });
  }
  if (terms.length === 0) return input;
  const typed = "q" in input && typeof input.q === "string" ? `${input.q} ` : "";
  return { ...input, q: typed + printQuery(terms) };
}

/** Everything that a filter asks, its scope among it. */
export function filterTerms({ database, tenant, q = "" }: AuditFilter): Term[] {
  const parsed = parseQuery(q);
  if (!parsed.ok) {
    throw new Refusal("invalid", `The filter cannot be read at character ${parsed.at + 1}: ${parsed.message}`, {
      fix: "Correct the filter.",
    });
  }
  const scope = Object.entries({ database, tenant }).flatMap(([field, value]) =>
    value === undefined ? [] : [field === "database" ? is("database", value) : is("tenant", value)],
  );
  return [...scope, ...parsed.terms];
}

/** The filter as search params give it. What cannot be asked is never left out in silence. */
export interface ReadFilter {
  filter: AuditFilter;
  /** Params that mean nothing. */
  dropped: string[];
  /** Why `q` cannot be read, and at which character; the filter is then without it and must not be asked. */
  problem: { q: string; message: string; at: number } | null;
}

export function readFilter(params: Record<string, string | string[] | undefined>): ReadFilter {
  const one = (name: string) => [params[name]].flat().find((value) => value !== undefined && value !== "");
  const filter: AuditFilter = {};
  const { terms, dropped } = namedTerms(params);
  for (const field of ["database", "tenant"] as const) {
    const value = one(field);
    if (value === undefined) continue;
    const parsed = auditFilter.shape[field].safeParse(value);
    if (parsed.success) filter[field] = parsed.data;
    else dropped.push(field);
  }
  const q = [one("q")?.trim() ?? "", printQuery(terms)].filter(Boolean).join(" ");
  const parsed = parseQuery(q);
  if (!parsed.ok) return { filter, dropped, problem: { q, message: parsed.message, at: parsed.at } };
  return { filter: parsed.terms.length === 0 ? filter : { ...filter, q }, dropped, problem: null };
}

/** The search params of a filter, in a stable order. */
export function filterQuery({ database, tenant, q }: AuditFilter): string {
  const given = Object.entries({ database, tenant, q }).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return new URLSearchParams(given).toString();
}

/** The first moment that is not before the filter's, as ISO text; a day as `to` ends when the next one begins. */
export function momentOf(value: string, edge: "from" | "to", now: number): string {
  return momentBounds({ [edge]: value }, now)[edge] ?? value;
}

export interface EntryActor {
  /** As the application set it; null when it set none. */
  id: string | null;
  /** As of now, from the users table or the console's staff; null when nobody has that id any more. */
  name: string | null;
  kind: "user" | "staff" | "system" | "unknown";
  /** The database role and the application_name of the connection. */
  role: string | null;
  application: string | null;
  /** Who really acted, where they did so in this actor's name. */
  impersonator?: { id: string; name: string | null } | null;
  /** The key by which a program acted, as the application or the console calls it. */
  apiKey?: string | null;
}

/** One entry as a list shows it. */
export interface AuditEntry {
  database: string;
  databaseName: string;
  /** A bigint as text. */
  id: string;
  /** ISO 8601, UTC, microseconds. */
  at: string;
  action: string;
  schema: string | null;
  table: string | null;
  record: string | null;
  /** The tenant key as the application writes it. */
  tenant: string | null;
  actor: EntryActor;
  ip: string | null;
  userAgent: string | null;
  request: string | null;
  transaction: string;
  reason: string | null;
  /** The fields that an update changed, at most 20. */
  changed: string[];
  /** TRUNCATE: how many rows went. */
  rows: string | null;
  /** How many rows it stands for where its transaction is told. */
  affected: number;
  /** What happened, in words. */
  sentence: string;
  /** The month in whose file it lies, when it is not in PostgreSQL any more. */
  archived?: string;
  /** Its database is managed no more. */
  left?: true;
}

/** A database that gave no answer, and why. */
export interface Silent {
  databaseId: string;
  name: string;
  reason: string;
  /** What the answer, whole otherwise, lacks without it: "names of users". */
  kept?: string;
}

export interface AuditPage {
  rows: AuditEntry[];
  next: string | null;
  silent: Silent[];
}

/** One entry whole. Row images are JSON as PostgreSQL printed it, because JavaScript numbers would lose digits. */
export interface AuditEntryDetail extends AuditEntry {
  before: string | null;
  after: string | null;
  metadata: string;
  /** Every entry of the same transaction, oldest first, this one among them; at most 200. */
  siblings: AuditEntry[];
  siblingsMore: boolean;
  /** What could not be looked up, where the database did not answer and the entry was read from its archived month. */
  silent: Silent[];
}

/** An entry of one record with only the fields that it changed, as JSON text. */
export interface HistoryEntry extends AuditEntry {
  before: string | null;
  after: string | null;
}

export interface RecordHistory {
  rows: HistoryEntry[];
  next: string | null;
  silent: Silent[];
}

export interface SavedView {
  /** A uuid, or the name of a built-in view. */
  id: string;
  name: string;
  query: string;
  kind: "built-in" | "shared" | "personal";
  /** A field that the reader fills in first. */
  asks: "record" | null;
  mine: boolean;
}

export const saveView = z.object({
  area: z.enum(["audit", "deleted", "tenants"]),
  name: z.string().trim().min(1, "Give the view a name.").max(80),
  query: z.string().max(4000),
  shared: z.stringbool().default(false),
});
export type SaveView = z.infer<typeof saveView>;

export const removeView = z.object({ id: z.uuid() });
export type RemoveView = z.infer<typeof removeView>;

/** Whose reading is recorded. */
export const setReading = z.object({
  administrator: z.stringbool().default(false),
  support: z.stringbool().default(false),
  compliance: z.stringbool().default(false),
});
export type SetReading = z.infer<typeof setReading>;
