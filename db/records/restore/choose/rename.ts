import { literal } from "../../../managed/statement.ts";
import { problems } from "../scratch.ts";
import type { Work } from "../work.ts";
import { giveValues } from "./change.ts";
import { chosen } from "./chosen.ts";

/** The row takes another value: the one that was typed, or the one that was proposed. */
export async function rename(work: Work): Promise<void> {
  for (const { tab, column } of await columnsOf(work, "rename")) {
    const table = work.tables[tab];
    if (!table) continue;
    const found = `SELECT p.n, p.kind, coalesce(p.choice ->> 'to', p.proposed) AS value FROM (${chosen("rename")}) AS p
                    WHERE p.tab = ${tab} AND p.detail ->> 'column' = ${literal(column)}
                      AND coalesce(p.choice ->> 'to', p.proposed) IS NOT NULL`;
    await giveValues(work, table, column, found);
  }
}

/** The columns that choices of this sort are about, table by table. */
async function columnsOf({ client }: Work, what: string): Promise<{ tab: number; column: string }[]> {
  const { rows } = await client.query<{ tab: number; column: string }>(
    `SELECT DISTINCT p.tab, p.detail ->> 'column' AS column FROM ${problems} AS p
      WHERE p.choice ->> 'do' = $1 AND NOT p.applied AND p.detail ->> 'column' IS NOT NULL ORDER BY 1, 2`,
    [what],
  );
  return rows;
}
