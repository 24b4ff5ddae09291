import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

const keepMonthsMin = 12;
export const keepMonthsMax = 84;

/** An input left empty in a form is not given. */
const optional = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .optional()
    .transform((text) => text || null);

const databaseId = z.union([z.uuid(), z.literal("console")]);

/** What a rule is for: a database, or a table ("public.orders"), a tenant or both in it. */
const ruleScope = {
  databaseId,
  table: optional(127).refine(
    (text) => text === null || /^[^.]+\.[^.]+$/.test(text),
    "Give schema and table: public.orders.",
  ),
  tenant: optional(400),
};

export const retentionChange = z.object({
  ...ruleScope,
  keepMonths: z.coerce
    .number()
    .int()
    .min(keepMonthsMin, "At least 12 months.")
    .max(keepMonthsMax, "At most 84 months."),
  /** Only for a whole database; empty: never archived. */
  hotMonths: z
    .union([z.literal("").transform(() => null), z.null(), z.coerce.number().int().min(1).max(keepMonthsMax)])
    .optional()
    .transform((value) => value ?? null),
});

export type RetentionChange = z.infer<typeof retentionChange>;

export const setRetentionSchema = retentionChange.extend(consentSchema.shape);

export type SetRetention = z.infer<typeof setRetentionSchema>;

export const holdKinds = ["everything", "table", "tenant", "record", "person", "filter"] as const;

export type HoldKind = (typeof holdKinds)[number];

/** Rows, and entries about them, that a hold keeps. A part that is null, or no value, means "any". */
export interface HoldRule {
  schema: string | null;
  table: string | null;
  tenant: string | null;
  record: string | null;
  values: Record<string, string>;
}

export const releaseHoldSchema = z.object({ id: z.uuid() }).extend(consentSchema.shape);

export type ReleaseHold = z.infer<typeof releaseHoldSchema>;

export const monthReference = z.object({ databaseId, month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/) });

export type MonthReference = z.infer<typeof monthReference>;

export const expireMonthSchema = monthReference.extend(consentSchema.shape);

export type ExpireMonth = z.infer<typeof expireMonthSchema>;

export interface RetentionRule {
  id: string;
  databaseId: string;
  table: string | null;
  tenant: string | null;
  keepMonths: number;
  hotMonths: number | null;
  reason: string;
  setBy: string | null;
  setAt: string;
}

/** A change of retention, as it is shown before anybody agrees to it. */
export interface RetentionPlan {
  databaseName: string;
  /** Whose retention: "shop, public.orders, tenant acme". */
  place: string;
  /** The change in words. */
  subject: string;
  before: { keepMonths: number; hotMonths: number | null; own: boolean };
  after: { keepMonths: number; hotMonths: number | null };
  /** Months that would be archived at the next run. */
  due: string[];
  /** Why it would remove nothing, and the way; null when it can. */
  withoutEffect: string | null;
  hash: string;
}

export interface LegalHold {
  id: string;
  name: string;
  kind: HoldKind;
  databaseId: string | null;
  databaseName: string | null;
  table: string | null;
  tenant: string | null;
  record: string | null;
  /** The key of a person in the table of users. */
  person: string | null;
  /** What a hold on a person or on values came to when it was placed; null for any other. */
  rules: HoldRule[] | null;
  reason: string;
  placedBy: string | null;
  placedAt: string;
  releasedBy: string | null;
  releasedAt: string | null;
}

/** Which entries of an archived month are past their time, and which of them a hold keeps. */
export interface ExpiryPlan {
  databaseName: string;
  month: string;
  rows: string;
  expired: string;
  held: string;
  byTable: { table: string; expired: string; held: string }[];
  holds: string[];
  hash: string;
}

export type MonthState = "ahead" | "hot" | "due" | "archiving" | "stored" | "cold" | "returning" | "expired";

/** One month of one database's log, wherever it is. */
export interface MonthView {
  databaseId: string;
  month: string;
  state: MonthState;
  /** Entries; an estimate while the month is in PostgreSQL. */
  rows: string;
  /** In PostgreSQL, or as a file. */
  bytes: string;
  sha256: string | null;
  place: string | null;
  file: string | null;
  storedAt: string | null;
  hotUntil: string | null;
  sealed: boolean;
  /** Streams that have not sent it yet; until then it is not archived. */
  waitsFor: string[];
  /** The job that moves it now. */
  jobId: string | null;
  /** Some of its entries are past their time. */
  expirable: boolean;
}

export interface DatabaseMonths {
  databaseId: string;
  databaseName: string;
  rules: RetentionRule[];
  /** Why rules remove nothing here, and the way; null when they can. */
  withoutEffect: string | null;
  months: MonthView[];
  /** Why the database did not say which months it has. */
  silent: string | null;
  /** It is managed no more: its months stay in the archive until their time is over. */
  left: boolean;
}
