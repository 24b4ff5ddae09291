import { z } from "zod";

// One schema for the page, the API, the export and the saved view, so that they can never disagree.

/** What `actor` is when entries without a known actor are meant. */
export const unknownActor = "(unknown)";

const relative = /^-\d{1,4}[hdw]$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** A moment in a filter: an ISO time, a whole day in UTC, or so long before now, such as -30d. */
export const filterMoment = z.union([
  z.string().regex(relative),
  z.iso.date(),
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ local: true }).transform((text) => `${text}Z`),
]);

const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]).flatMap((part) => part.split(",")))
  .pipe(z.array(z.string().regex(/^[A-Za-z][A-Za-z0-9_.:-]{0,62}$/)).max(20));

const name = z.string().min(1).max(63);
const text = z.string().trim().min(1).max(400);

export const auditFilter = z.object({
  /** A managed database's id, or "console" for the console's own log. */
  database: z.union([z.uuid(), z.literal("console")]).optional(),
  /** A tenant's id in the console, or else a tenant key as the application writes it. */
  tenant: text.optional(),
  actor: text.optional(),
  action: list.optional(),
  schema: name.optional(),
  table: name.optional(),
  /** The primary key's canonical text; composite keys as a JSON array. */
  record: text.optional(),
  /** Included. */
  from: filterMoment.optional(),
  /** Excluded; a day is meant whole. */
  to: filterMoment.optional(),
  request: text.optional(),
  transaction: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  /** Any id at all: of a record, an actor, a tenant, a request or a transaction. */
  text: text.optional(),
});

export type AuditFilter = z.infer<typeof auditFilter>;

export const auditQuery = auditFilter.extend({ cursor: z.string().max(2000).optional() });

/** One field of the log that a filter may name, in the order of the filter bar. */
export const filterFields = Object.keys(auditFilter.shape) as (keyof AuditFilter)[];

/** Reads a filter from search params. What does not parse is left out and named, never an error. */
export function readFilter(params: Record<string, string | string[] | undefined>): {
  filter: AuditFilter;
  dropped: string[];
} {
  const filter: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const field of filterFields) {
    const value = params[field];
    if (value === undefined || value === "") continue;
    const one = field === "action" || !Array.isArray(value) ? value : value[0];
    const parsed = auditFilter.shape[field].safeParse(one);
    if (parsed.success) filter[field] = parsed.data;
    else dropped.push(field);
  }
  return { filter: auditFilter.parse(filter), dropped };
}

/** The search params of a filter, in a stable order. */
export function filterQuery(filter: AuditFilter): string {
  const params = new URLSearchParams();
  for (const field of filterFields) {
    const value = filter[field];
    if (value !== undefined && value.length > 0) params.set(field, Array.isArray(value) ? value.join(",") : value);
  }
  return params.toString();
}

/** The first moment that is not before the filter's, as ISO text; a day as `to` ends when the next one begins. */
export function momentOf(value: string, edge: "from" | "to", now: number): string {
  if (relative.test(value)) {
    const hours = { h: 1, d: 24, w: 168 }[value.at(-1) ?? "h"] ?? 1;
    return new Date(now - Number(value.slice(1, -1)) * hours * 3_600_000).toISOString();
  }
  if (!day.test(value)) return value;
  const start = Date.parse(`${value}T00:00:00Z`);
  return new Date(edge === "to" ? start + 86_400_000 : start).toISOString();
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
  /** What happened, in words. */
  sentence: string;
}

/** A database that gave no answer, and why. */
export interface Silent {
  databaseId: string;
  name: string;
  reason: string;
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
}

/** An entry of one record with only the fields that it changed, as JSON text. */
export interface HistoryEntry extends AuditEntry {
  before: string | null;
  after: string | null;
}

export interface RecordHistory {
  rows: HistoryEntry[];
  next: string | null;
}

export interface SavedView {
  /** A uuid, or the name of a built-in view. */
  id: string;
  name: string;
  query: string;
  kind: "built-in" | "shared" | "personal";
  /** A filter field that the reader fills in first. */
  asks: keyof AuditFilter | null;
  mine: boolean;
}

export const saveView = z.object({
  area: z.enum(["audit", "deleted"]),
  name: z.string().trim().min(1, "Give the view a name.").max(80),
  query: z.string().max(4000),
  shared: z.stringbool().default(false),
});
export type SaveView = z.infer<typeof saveView>;

export const removeView = z.object({ id: z.uuid() });
export type RemoveView = z.infer<typeof removeView>;
