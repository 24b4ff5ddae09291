import type pg from "pg";
import { foreignKeysTo } from "../../../managed/foreign-keys.ts";
import { belongs, type MovingTable, type Standing } from "../../../managed/moving/table.ts";
import { identifier, relation } from "../../../managed/statement.ts";
import type { MoveProblem } from "../../contract.ts";

/**
 * Foreign keys that lead from the tenant's rows to others' or the other way: one of the two rows would stay behind. Only asked
 * where other tenants' rows are in the same tables.
 */
export async function checkCrossing(
  client: pg.ClientBase,
  tables: readonly MovingTable[],
  standing: Standing,
): Promise<MoveProblem[]> {
  const names = tables.map(({ name }) => ({ schema: standing.schema, table: name }));
  const problems: MoveProblem[] = [];
  for (const key of await foreignKeysTo(client, names)) {
    const parent = tables.find(({ name }) => key.parent.schema === standing.schema && name === key.parent.table);
    const child = tables.find(({ name }) => key.schema === standing.schema && name === key.table);
    if (!parent) continue;
    const joined = `FROM ${relation(key.schema, key.table)} AS c JOIN ${relation(standing.schema, parent.name)} AS p
      ON ${key.columns.map((column, at) => `c.${identifier(column)} = p.${identifier(key.parentColumns[at] ?? "")}`).join(" AND ")}`;
    const other = child && belongs(child, standing, "c");
    const mine = belongs(parent, standing, "p");
    const asked = other
      ? [`SELECT ${joined} WHERE ${other} AND NOT ${mine}`, `SELECT ${joined} WHERE ${mine} AND NOT ${other}`]
      : [`SELECT ${joined} WHERE ${mine}`];
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT ${asked.map((sql) => `EXISTS (${sql})`).join(" OR ")} AS there`,
    );
    if (!rows[0]?.there) continue;
    problems.push({
      severity: "blocking",
      code: child ? "crosses_tenants" : "referenced_from_outside",
      subject: `${key.schema}.${key.table}`,
      message: child
        ? `By ${key.name}, rows of ${key.table} and ${key.parent.table} of different tenants belong together.`
        : `Rows of ${key.schema}.${key.table}, which does not move, point to the tenant's rows of ${key.parent.table} by ${key.name}.`,
      fix: child
        ? `Correct those rows, or look for them: SELECT * ${joined};`
        : "Make the table part of the tenant's model, or let go of those rows.",
    });
  }
  return problems;
}

/** Keys of the tenant that another tenant has by now in the shared tables, and rows of the tenant that are there already. */
export async function checkTaken(
  from: pg.ClientBase,
  to: pg.ClientBase,
  tables: readonly MovingTable[],
  standings: { from: Standing; to: Standing },
): Promise<MoveProblem[]> {
  const problems: MoveProblem[] = [];
  for (const table of tables) {
    const there = await to.query(
      `SELECT FROM ${relation(standings.to.schema, table.name)} AS t WHERE ${belongs(table, standings.to, "t")} LIMIT 1`,
    );
    if ((there.rowCount ?? 0) > 0) {
      problems.push({
        severity: "blocking",
        code: "rows_there",
        subject: table.name,
        message: `${table.name} already holds rows of this tenant in the shared schema.`,
        fix: "Find out whose they are: another move may have left them. Remove them first.",
      });
      continue;
    }
    const taken = await takenKeys(from, to, table, standings);
    if (taken === 0) continue;
    problems.push({
      severity: "blocking",
      code: "ids_taken",
      subject: table.name,
      message: `${taken} keys of ${table.name} belong to other tenants in the shared schema, because each place counted for itself.`,
      fix: "Keep the tenant in a place of its own, or give those rows other keys first.",
    });
  }
  return problems;
}

/** Of the tenant's keys, read in steps, those that the shared table has. */
async function takenKeys(
  from: pg.ClientBase,
  to: pg.ClientBase,
  table: MovingTable,
  standings: { from: Standing; to: Standing },
): Promise<number> {
  const keys = table.keys.map(({ name }) => identifier(name));
  const { rows } = await from.query<{ keys: string[][] | null }>(
    `SELECT ARRAY[${keys.map((key) => `array_agg(${key}::text)`).join(", ")}] AS keys
       FROM (SELECT ${keys.join(", ")} FROM ${relation(standings.from.schema, table.name)} LIMIT 200000) AS t`,
  );
  const columns = rows[0]?.keys;
  if (!columns?.[0]) return 0;
  const arrays = table.keys.map(({ type }, at) => `$${at + 1}::text[]::${type}[]`);
  const found = await to.query<{ count: number }>(
    `SELECT count(*)::int AS count
       FROM unnest(${arrays.join(", ")}) AS k (${keys.map((_, at) => `k${at + 1}`).join(", ")})
       JOIN ${relation(standings.to.schema, table.name)} AS t ON ${keys.map((key, at) => `t.${key} = k.k${at + 1}`).join(" AND ")}`,
    columns,
  );
  return found.rows[0]?.count ?? 0;
}
