import { z } from "zod";
import { holdKinds, type LegalHold } from "../../audit/retention/contract.ts";

/** An input left empty in a form is not given. */
const optional = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .nullish()
    .transform((text) => text || null);

/** "status = disputed", one a line. */
const where = z
  .string()
  .max(4_000)
  .nullish()
  .transform((text, context) => {
    const lines = (text ?? "").split("\n").map((line) => line.trim());
    const pairs = lines.filter(Boolean).map((line) => /^([^=]+?)\s*=\s*(.*)$/.exec(line));
    if (pairs.every((pair) => pair !== null)) return Object.fromEntries(pairs.map((pair) => [pair[1], pair[2]]));
    context.addIssue({ code: "custom", message: "Write one column and its value a line: status = disputed." });
    return z.NEVER;
  })
  .pipe(z.record(z.string().max(63), z.string().max(1_000)));

const needs = {
  everything: [],
  table: ["table"],
  tenant: ["tenant"],
  record: ["table", "record"],
  person: ["databaseId", "person"],
  filter: ["databaseId", "table", "where"],
} as const;

export const placeHoldSchema = z
  .object({
    name: z.string().trim().min(1, "Give the hold a name.").max(120),
    kind: z.enum(holdKinds),
    databaseId: z
      .union([z.uuid(), z.literal("console"), z.literal("").transform(() => null), z.null()])
      .optional()
      .transform((id) => id ?? null),
    table: optional(127).refine(
      (text) => text === null || /^[^.]+\.[^.]+$/.test(text),
      "Give schema and table: public.orders.",
    ),
    tenant: optional(400),
    record: optional(400),
    person: optional(400),
    where,
    reason: z.string().trim().min(1, "Say which case it is for.").max(500),
  })
  .superRefine((hold, context) => {
    for (const field of needs[hold.kind]) {
      const given = field === "where" ? Object.keys(hold.where).length > 0 : hold[field] !== null;
      if (!given) context.addIssue({ code: "custom", path: [field], message: "A hold of this kind needs it." });
    }
  });

export type ParsedHold = z.output<typeof placeHoldSchema>;

/** How a hold stands in one database. */
export interface HoldStanding {
  databaseId: string;
  databaseName: string;
  /** in_force: on every table it covers. coming: not on all yet. silent: the database did not answer. unsupported: it can not stand there. */
  state: "in_force" | "coming" | "silent" | "unsupported";
  since: string | null;
  /** Why it does not stand there. */
  why: string | null;
  /** What it does not keep there though it may be thought to, in sentences. */
  gaps: string[];
  /** The rows that it keeps there; null where they could not be counted. */
  kept: KeptRows | null;
}

/** A count that is not exact says that there are at least so many. */
export interface KeptRows {
  rows: number;
  exact: boolean;
}

/** A hold with how it stands in each database that it is about. */
export interface StandingHold extends LegalHold {
  standing: HoldStanding[];
}

export interface PlacedHold {
  id: string;
  standing: HoldStanding[];
}
