import type { Offer } from "../choices.ts";
import type { ProblemCode } from "../problem-codes.ts";
import { problems } from "../scratch.ts";
import { named, type Work, type WorkTable } from "../work.ts";

/**
 * Notes problems of rows: `found` is SQL that gives n, subject, columns, offers and detail, at most once for each row and subject.
 * One that is found again after it was chosen away is open again.
 */
export async function note(
  work: Work,
  table: WorkTable,
  code: ProblemCode,
  found: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const at = values.length;
  const { rowCount } = await work.client.query(
    `INSERT INTO ${problems} AS p (n, kind, code, tab, subject, columns, offers, detail)
     SELECT f.n, $${at + 1} || ':' || $${at + 2} || ':' || f.subject, $${at + 1}, $${at + 3}, f.subject, f.columns, f.offers, f.detail
       FROM (${found}) AS f
         ON CONFLICT (n, kind) DO UPDATE
        SET settled = false, detail = excluded.detail || jsonb_build_object('again', p.choice IS NOT NULL)`,
    [...values, code, named(table), table.tab],
  );
  return rowCount ?? 0;
}

/** SQL of an array of offers. Quoted, because an array's bare null is no text. */
export function offersSql(...offers: Offer[]): string {
  return `'{${offers.map((offer) => `"${offer}"`).join(",")}}'::text[]`;
}
