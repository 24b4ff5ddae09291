import { problems, rows } from "../scratch.ts";
import type { Work } from "../work.ts";

/** The one tenant that all rows of a plan belong to and that lives elsewhere: then they are planned for where it lives. */
export async function soleMover({ client, tables }: Work): Promise<string | null> {
  const children = tables.filter(({ managed }) => managed?.class === "child").map(({ tab }) => tab);
  const { rows: found } = await client.query<{ tenant: string }>(
    `WITH gone AS (SELECT n, detail ->> 'tenant' AS tenant FROM ${problems}
                    WHERE code = 'lives_elsewhere' AND detail ? 'lives' AND NOT settled)
     SELECT m.tenant FROM (SELECT min(tenant) AS tenant FROM gone HAVING count(DISTINCT tenant) = 1) AS m
      WHERE NOT EXISTS (SELECT FROM ${rows} AS r LEFT JOIN gone AS g ON g.n = r.n
                         WHERE g.n IS NULL
                           AND CASE WHEN r.tenant IS NULL THEN NOT r.tab = ANY ($1::int[]) ELSE r.state = 'open' OR r.tenant <> m.tenant END)`,
    [children],
  );
  return found[0]?.tenant ?? null;
}
