import { literal } from "../../../managed/statement.ts";
import { problems } from "../scratch.ts";
import type { Work } from "../work.ts";
import { giveValues } from "./change.ts";
import { chosen } from "./chosen.ts";

/** A column that must have a value takes the one that was typed. */
export async function writeTyped(work: Work): Promise<void> {
  const { rows } = await work.client.query<{ tab: number; column: string }>(
    `SELECT DISTINCT p.tab, p.subject AS column FROM ${problems} AS p
      WHERE p.choice ->> 'do' = 'write' AND NOT p.applied ORDER BY 1, 2`,
  );
  for (const { tab, column } of rows) {
    const table = work.tables[tab];
    if (!table) continue;
    const found = `SELECT p.n, p.kind, p.choice ->> 'to' AS value FROM (${chosen("write")}) AS p
                    WHERE p.tab = ${tab} AND p.subject = ${literal(column)}`;
    await giveValues(work, table, column, found);
  }
}
