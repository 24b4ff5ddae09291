import { z } from "zod";

/** What to do about a problem. */
const choice = z.discriminatedUnion("do", [
  /** The parent comes back too, and its own parents with it. */
  z.object({ do: z.literal("include") }),
  /** The row belongs to another parent: its key's canonical text. */
  z.object({ do: z.literal("point"), to: z.string().min(1).max(2_000) }),
  /** The row takes another value: this one, or the proposed one. */
  z.object({ do: z.literal("rename"), to: z.string().max(10_000).optional() }),
  /** The live row gives way: it is marked as deleted where its table knows that, else it takes the other value. */
  z.object({ do: z.literal("swap"), to: z.string().max(10_000).optional() }),
  /** The column takes this value: the one that it had is not known, or does not fit, and it must have one. */
  z.object({ do: z.literal("write"), to: z.string().max(10_000) }),
  z.object({ do: z.literal("null") }),
  z.object({ do: z.literal("default") }),
  /** The value stays in the log: its column is gone. */
  z.object({ do: z.literal("leave") }),
  /** The row stays deleted, and what hangs from it too. */
  z.object({ do: z.literal("skip") }),
  /** A row that changed since a restore is taken back all the same. */
  z.object({ do: z.literal("anyway") }),
]);

export type Choice = z.infer<typeof choice>;
export type Offer = Choice["do"];

const byKind = z.record(z.string().max(400), choice);

const chosen = z.object({
  /** For every problem of a kind, by the kind's key. */
  kinds: byKind.default({}),
  /** For one row, by the row's key and the kind's: it goes before the kind's own. */
  rows: z.record(z.string().max(2_300), byKind).default({}),
});

export type Choices = z.infer<typeof chosen>;

export const noChoices: Choices = { kinds: {}, rows: {} };

/** A form and an address hold them as JSON. */
export const choices = z.union([chosen, z.string().max(1_000_000).transform(parseJson).pipe(chosen)]);

export function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not JSON" });
    return z.NEVER;
  }
}

/** Whether nothing was chosen. */
export function isEmpty({ kinds, rows }: Choices): boolean {
  return Object.keys(kinds).length === 0 && Object.values(rows).every((own) => Object.keys(own).length === 0);
}
