import { eq } from "drizzle-orm";
import { z } from "zod";
import { type Control, control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { erasures } from "../../schema/erasures.ts";
import { seal, unseal } from "../../secrets/seal.ts";
import { type ErasureChoices, type ErasureSubject, erasureChoices, erasureSubject } from "./contract.ts";
import type { Findings, FoundEntries, FoundTable } from "./find/findings.ts";

export type ErasureRow = typeof erasures.$inferSelect;

/** What of an erasure names the person. It is kept sealed, and stays on the server. */
export interface Kept {
  subject: ErasureSubject;
  choices: ErasureChoices;
  /** All words that were looked for. */
  words: string[];
  /** The keys of the tenants whose rows were found; later searches need them when the rows are gone. */
  tenants?: string[] | undefined;
  /** What the log was to lose when it was run: later searches look there as well, when the rows are gone. */
  log: FoundEntries[];
  /** The batch of further rows that was begun last: how many of which finding, and what the log is to lose. */
  batch?: { number: number; items: Record<string, number>; log: FoundEntries[] } | undefined;
}

const entries = z.object({
  schema: z.string(),
  table: z.string(),
  columns: z.array(z.string()),
  records: z.array(z.string()),
});

const kept = z.object({
  subject: erasureSubject,
  choices: erasureChoices,
  words: z.array(z.string()),
  tenants: z.array(z.string()).optional(),
  log: z.array(entries),
  batch: z.object({ number: z.number(), items: z.record(z.string(), z.number()), log: z.array(entries) }).optional(),
});

export function sealKept(id: string, value: Kept): string {
  return seal(JSON.stringify(value), id);
}

export function keptOf({ id, sealed }: Pick<ErasureRow, "id" | "sealed">): Kept {
  return kept.parse(JSON.parse(unseal(sealed, id)));
}

export function sealFound(id: string, found: Findings): string {
  return seal(JSON.stringify(found), `${id} found`);
}

/** Null while the search is under way, and once the erasure is done. */
export function foundOf({ id, found }: Pick<ErasureRow, "id" | "found">): Findings | null {
  if (found === null) return null;
  // Only the search writes it; one that was made before files of tenants, tenants, or rows beyond were known has none.
  const opened = JSON.parse(unseal(found, `${id} found`)) as Omit<Findings, "papers" | "tenants" | "tables"> & {
    tenants?: string[];
    papers?: Findings["papers"];
    tables: (Omit<FoundTable, "beyond"> & { beyond?: number })[];
  };
  return {
    ...opened,
    papers: opened.papers ?? [],
    tenants: opened.tenants ?? [],
    tables: opened.tables.map((table) => ({ ...table, beyond: table.beyond ?? 0 })),
  };
}

/** @throws Refusal `not_found` */
export async function erasureRow(id: string, tx: Control = control(), lock = false): Promise<ErasureRow> {
  const query = tx.select().from(erasures).where(eq(erasures.id, id));
  const [row] = lock ? await query.for("update") : await query;
  if (row) return row;
  throw new Refusal("not_found", "There is no such erasure.", { fix: "Look for it in the list of erasures." });
}
