import type { PlannedTable } from "../contract.ts";
import { problems, rows } from "../scratch.ts";
import type { Work } from "../work.ts";

/** What becomes of the rows, table by table. */
export async function readTables({ client, tables }: Work): Promise<PlannedTable[]> {
  const { rows: found } = await client.query<Omit<PlannedTable, "schema" | "name"> & { tab: number }>(
    `SELECT r.tab, count(*)::int AS rows, (count(*) FILTER (WHERE r.state = 'open'))::int AS writes,
            (count(*) FILTER (WHERE o.n IS NOT NULL))::int AS open,
            (count(*) FILTER (WHERE r.state = 'live'))::int AS live, (count(*) FILTER (WHERE r.state = 'skipped'))::int AS skipped,
            (count(*) FILTER (WHERE r.origin = 'link' AND r.state = 'open'))::int AS links
       FROM ${rows} AS r LEFT JOIN (SELECT DISTINCT n FROM ${problems} WHERE NOT settled) AS o ON o.n = r.n
      GROUP BY r.tab ORDER BY r.tab`,
  );
  return found.map(({ tab, ...counts }) => {
    const { schema = "", name = "" } = tables[tab] ?? {};
    return { schema, name, ...counts };
  });
}

/** The one tenant that all rows belong to; null where there are more, or none. */
export async function tenantOf({ client }: Work): Promise<string | null> {
  const { rows: found } = await client.query<{ tenant: string | null }>(
    `SELECT min(tenant) AS tenant FROM ${rows} WHERE state = 'open' HAVING count(DISTINCT tenant) = 1`,
  );
  return found[0]?.tenant ?? null;
}
