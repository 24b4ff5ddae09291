import { z } from "zod";

const rowsMax = 500;

const name = z.string().min(1).max(63);
const entryId = z.string().regex(/^\d{1,19}$/, "is not the id of an entry");

/** A row of a selection: the entry that deleted it, or `schema.table:key` of one that is only marked as deleted. */
const rowRef = z
  .string()
  .max(2_200)
  .regex(/^(\d{1,19}|[^.]+\.[^:]+:.+)$/s, "Give the id of an entry, or schema.table:key.");

/** A search param that may come once or many times. */
const many = <T extends z.ZodType>(one: T, most: number) =>
  z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(one).max(most).optional());

/** What a restore starts from, in links and inputs alike. Beside the database one form is given and no other. */
const forms = z.object({
  database: z.uuid(),
  /** Only rows of this tenant, by its key: wherever it lives now, they are written there. */
  tenant: z.string().min(1).max(400).optional(),
  /** The entry of one hard deletion; with `schema`, `table` and `record` and no other form, a row marked as deleted. */
  entry: entryId.optional(),
  schema: name.optional(),
  table: name.optional(),
  record: z.string().min(1).max(2_000).optional(),
  /** All that one transaction removed or marked as deleted. */
  transaction: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  /** A selection. */
  row: many(rowRef, rowsMax),
  /** All deleted rows that a filter in the audit's language finds. */
  q: z.string().trim().min(1).max(2_000).optional(),
  /** An earlier version of `schema`, `table` and `record`: as this entry left it, or as it found it. */
  version: entryId.optional(),
  side: z.enum(["after", "before"]).optional(),
  /** These columns of that version alone. */
  field: many(name, 100),
  /** A restore to take back. */
  undo: z.uuid().optional(),
});

export type RestoreFrom = z.infer<typeof forms>;
export type FromForm = "entry" | "record" | "transaction" | "row" | "q" | "version" | "undo";

/** Which form is given; null when none or more than one is. */
export function formOf(from: RestoreFrom): FromForm | null {
  const named = (["entry", "transaction", "row", "q", "version", "undo"] as const).filter(
    (form) => from[form] !== undefined && from[form]?.length !== 0,
  );
  const record = from.schema !== undefined && from.table !== undefined && from.record !== undefined;
  const [form, ...more] = named;
  if (more.length > 0) return null;
  if (form === undefined) return record ? "record" : null;
  return form === "version" && !record ? null : form;
}

export const restoreFrom = forms.refine((from) => formOf(from) !== null, {
  message:
    "Name an entry, a marked row, a transaction, rows, a filter, a version or a restore to undo, and one of them only.",
});
