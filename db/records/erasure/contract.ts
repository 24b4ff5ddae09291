import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

const name = z.string().min(1).max(63);

/** A form sends lists as one text, a line each; links and the command line as many values. */
const lines = (most: number, one: z.ZodType<string>) =>
  z.preprocess((value) => {
    const given: unknown[] = typeof value === "string" ? value.split("\n") : Array.isArray(value) ? value : [];
    return given.map((line) => (typeof line === "string" ? line.trim() : line)).filter((line) => line !== "");
  }, z.array(one).max(most));

const columnName = z
  .string()
  .max(200)
  .regex(/^[^.]+\.[^.]+\.[^.]+$/, "Write a column as schema.table.column.");

export const optional = <T extends z.ZodType>(one: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), one.optional());

/** Whom an erasure is about: a person's row, words that name them, or both. */
export const erasureSubject = z
  .object({
    database: z.uuid(),
    schema: optional(name),
    table: optional(name),
    /** The row's key, as the audit log writes it. The row itself may be gone already. */
    record: optional(z.string().trim().min(1).max(400)),
    /** Words that name this person and nobody else: an address, a phone number, a full name. */
    terms: lines(20, z.string().min(4, "Words of fewer than 4 letters name too many.").max(200)),
    /** Columns that hold personal values, besides those that are confirmed under Coverage. */
    columns: lines(100, columnName),
    /** Columns of free text in which the words are looked for. */
    search: lines(100, columnName),
  })
  .refine(({ table, record, terms }) => (table !== undefined && record !== undefined) || terms.length > 0, {
    message: "Name the person's row by its table and key, or give words that name them.",
    path: ["record"],
  });

export type ErasureSubject = z.infer<typeof erasureSubject>;

/** The legal bases of Article 17(1), and what else people write on such a letter. */
export const legalBases = [
  "Art. 17(1)(a): no longer necessary",
  "Art. 17(1)(b): consent withdrawn",
  "Art. 17(1)(c): objection",
  "Art. 17(1)(d): unlawfully processed",
  "Art. 17(1)(e): legal obligation",
  "Art. 17(1)(f): child's data",
  "Art. 15: access only",
  "Other",
] as const;

export const startErasureInput = erasureSubject.safeExtend({
  basis: z.enum(legalBases).default("Art. 17(1)(a): no longer necessary"),
});
export type StartErasure = z.infer<typeof startErasureInput>;

/** What becomes of one column's value. */
export const columnMethod = z.discriminatedUnion("do", [
  z.object({ do: z.literal("null") }),
  z.object({ do: z.literal("text"), to: z.string().max(200) }),
  /** A keyed hash whose key is thrown away: equal values stay equal, and nobody can try out what they were. */
  z.object({ do: z.literal("hash") }),
  /** The words alone are taken out of the text. */
  z.object({ do: z.literal("words") }),
]);
export type ColumnMethod = z.infer<typeof columnMethod>;

export const itemChoice = z.discriminatedUnion("do", [
  z.object({ do: z.literal("delete") }),
  z.object({ do: z.literal("redact"), columns: z.record(z.string().max(63), columnMethod).default({}) }),
  z.object({ do: z.literal("keep"), why: z.string().trim().min(1, "Give the lawful reason.").max(300) }),
]);
export type ItemChoice = z.infer<typeof itemChoice>;

/** By an item's key. */
export const erasureChoices = z.record(z.string().max(400), itemChoice);
export type ErasureChoices = z.infer<typeof erasureChoices>;

export const erasureReference = z.object({ id: z.uuid() });

/** One item's choice, as a form sends it; `method` may be "default" to take a choice back. */
export const chooseErasureInput = erasureReference.extend({
  item: z.string().min(1).max(400),
  method: z.enum(["delete", "redact", "keep", "default"]),
  why: z.string().trim().max(300).optional(),
  /** column=null|hash|words|text:… */
  columns: lines(200, z.string().max(300)),
});
export type ChooseErasure = z.infer<typeof chooseErasureInput>;

export const runErasureInput = erasureReference.extend(consentSchema.shape);
export type RunErasure = z.infer<typeof runErasureInput>;

export const accessExportInput = erasureReference.extend({
  format: z.enum(["html", "json", "ndjson"]).default("html"),
});
export type AccessExport = z.infer<typeof accessExportInput>;

export type ItemKind = "own" | "path" | "column" | "text" | "log" | "copies" | "actor" | "export";
export type ItemMethod = "delete" | "redact" | "keep" | "open" | "remove";

export interface PlannedColumn {
  name: string;
  type: string;
  rows: number;
  method: ColumnMethod | null;
  offers: ColumnMethod["do"][];
}

/** One sort of finding, for which one method is chosen. */
export interface ErasureItem {
  key: string;
  kind: ItemKind;
  /** "public.users", "the audit log", "export of …". */
  where: string;
  /** How it names the person, in one sentence. */
  how: string;
  /** Rows, entries or files. */
  count: number;
  method: ItemMethod;
  /** Why it is kept, or what must be decided. */
  why: string | null;
  offers: ItemChoice["do"][];
  columns: PlannedColumn[];
  /** Rows that a legal hold keeps as they are. */
  held: number;
  /** So many more rows follow in batches, by the same method. */
  beyond: number;
  /** What stands in the way, one sentence each; the plan does not run with any. */
  problems: string[];
}

export interface FoundBackup {
  id: string;
  /** The name of the database that the person's tenant lived in before. Missing for the one that was searched. */
  database?: string;
  startedAt: string;
  /** When its file goes; null when nobody set an end. */
  expiresAt: string | null;
  /** What keeps it beyond that. Missing in what was found before backups had an end. */
  stays?: "held" | "newest" | null;
}

/** A file that was written of a tenant, with its rows as they were. */
export interface FoundPaper {
  id: string;
  kind: "export" | "archive";
  tenantId: string;
  madeAt: string;
}

export interface NotReached {
  where: string;
  why: string;
  /** It hides nothing that was to go: it lies outside of every search, or holds no personal value. */
  outside?: true;
}

export interface ErasureStatement {
  sql: string;
  object: string;
  lock: string;
  why: string;
  transactional: boolean;
}

export interface ErasurePlan {
  hash: string;
  /** ready: it can be rehearsed and run. open: something is to be decided. nothing: nobody is named any more. */
  status: "ready" | "open" | "nothing";
  items: ErasureItem[];
  statements: ErasureStatement[];
  /** Rows that are changed and rows that go. */
  redacted: number;
  deleted: number;
  beyond: number;
  entries: number;
  held: number;
  backups: FoundBackup[];
  papers: FoundPaper[];
  notReached: NotReached[];
  /** The words that were looked for: shown to whoever may erase, and kept nowhere in the clear. */
  terms: string[];
}

export type ErasureState = "finding" | "found" | "running" | "done" | "incomplete";

export interface ErasureRecord {
  id: string;
  database: string;
  databaseName: string;
  subject: string;
  subjectRef: string;
  basis: string;
  state: ErasureState;
  reason: string | null;
  askedBy: string;
  proposedBy: string | null;
  approvedBy: string | null;
  askedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  error: string | null;
  findJob: string | null;
  runJob: string | null;
  planHash: string | null;
  rehearsedHash: string | null;
  certificate: string | null;
  /** The newest search after it. */
  lastCheck: (Pick<ErasureCheck, "clean" | "remaining" | "what"> & { at: string }) | null;
}

/** A search after an erasure, or a replay of it. */
export interface ErasureCheck {
  id: string;
  what: "run" | "check" | "replay";
  /** Nothing is left, and all was looked at. */
  clean: boolean;
  /** Rows that a replay changed again. */
  applied: number;
  remaining: { where: string; count: number }[];
  notReached: NotReached[];
  actorName: string;
  databaseName: string;
  checkedAt: string;
}

/** unread: nothing was found, but not all was looked at, so that it proves nothing. */
export type CheckOutcome = "clean" | "left" | "unread";

export function outcomeOf({ clean, remaining }: Pick<ErasureCheck, "clean" | "remaining">): CheckOutcome {
  if (remaining.length > 0) return "left";
  return clean ? "clean" : "unread";
}

export const erasuresQuery = z.object({
  database: z.uuid().optional().catch(undefined),
  cursor: z.string().max(2_000).optional(),
});
export type ErasuresQuery = z.infer<typeof erasuresQuery>;
