import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inDatabase, listAdopted } from "../../fleet.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { archiveName } from "../../managed/archive.ts";
import type { Hold } from "../../managed/holds/rule.ts";
import { standingHolds } from "../../managed/holds/standing.ts";
import { literal, relation } from "../../managed/statement.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { limits } from "../../transaction.ts";

interface Table {
  schema: string;
  name: string;
}

const rowsAtOnce = 5_000;

/** Removes copies that are older than their table's model keeps them, and that no hold keeps. */
export async function expireArchives(actor: Actor, databaseId: string): Promise<{ removed: number }> {
  const managed = (await managedTablesOf(databaseId)).filter(({ archive }) => archive);
  let removed = 0;
  for (const table of managed) {
    const gone = () =>
      inDatabase(
        actor,
        databaseId,
        async (client) => remove(client, table, `a.deleted_at < now() - make_interval(days => ${table.graceDays})`, []),
        { limits: limits.long },
      );
    for (let rows = rowsAtOnce; rows === rowsAtOnce; ) {
      rows = await gone();
      removed += rows;
    }
  }
  return { removed };
}

/** Removes the copies of records whose values are erased, but for what a hold keeps. */
export async function eraseCopies(client: pg.ClientBase, table: Table, records: readonly string[]): Promise<number> {
  let removed = 0;
  for (let rows = rowsAtOnce; rows === rowsAtOnce; removed += rows) {
    rows = await remove(client, table, "a.record = ANY ($1::text[])", [records]);
  }
  return removed;
}

/** The tables whose removed rows are kept. */
export async function archivedTables(client: pg.ClientBase): Promise<Table[]> {
  if (!(await isThere(client, "caretaker.archives"))) return [];
  const { rows } = await client.query<Table>(
    "SELECT schema_name AS schema, table_name AS name FROM caretaker.archives ORDER BY 1, 2",
  );
  return rows;
}

/** The records of copies that no hold keeps, in order; null for one without a key. `which` is SQL about `a.record` and `a."row"`. */
export async function findCopies(
  client: pg.ClientBase,
  table: Table,
  which: string,
  values: readonly unknown[],
  most: number,
): Promise<(string | null)[]> {
  const archive = relation("caretaker", archiveName(table));
  if (!(await isThere(client, archive))) return [];
  const held = heldSql(await standingHolds(client), table);
  const { rows } = await client.query<{ record: string | null }>(
    `SELECT DISTINCT a.record COLLATE "C" AS record FROM ${archive} AS a
      WHERE (${which}) AND NOT (${held}) ORDER BY 1 LIMIT ${most}`,
    [...values],
  );
  return rows.map(({ record }) => record);
}

async function isThere(client: pg.ClientBase, relation: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [relation]);
  return rows[0]?.there === true;
}

/** At most so many copies; none where the table has no archive. */
async function remove(client: pg.ClientBase, table: Table, which: string, values: unknown[]): Promise<number> {
  const archive = relation("caretaker", archiveName(table));
  if (!(await isThere(client, archive))) return 0;
  const held = heldSql(await standingHolds(client), table);
  const { rowCount } = await client.query(
    `DELETE FROM ${archive} WHERE id IN (SELECT a.id FROM ${archive} AS a WHERE ${which} AND NOT (${held}) LIMIT ${rowsAtOnce})`,
    values,
  );
  return rowCount ?? 0;
}

/** SQL: whether a hold may keep the copy. Of a hold on values it is taken to: keeping a copy too long loses nothing. */
function heldSql(holds: readonly Hold[], { schema, name }: Table): string {
  const rules = holds
    .flatMap((hold) => hold.rules)
    .filter((rule) => (rule.schema === null || rule.schema === schema) && (rule.table === null || rule.table === name));
  const parts = rules.map(({ tenant, record }) =>
    [
      ...(tenant === null ? [] : [`coalesce(a.tenant_id = ${literal(tenant)}, true)`]),
      ...(record === null ? [] : [`coalesce(a.record = ${literal(record)}, true)`]),
      "true",
    ].join(" AND "),
  );
  return parts.length === 0 ? "false" : parts.map((part) => `(${part})`).join(" OR ");
}

export const expireCopies: JobKind = {
  kind: "records.archives",
  async run(job) {
    return { ...(await expireArchives(job.actor, String(job.input.databaseId))) };
  },
};

export async function everyAdopted(): Promise<{ databaseId: string }[]> {
  return (await listAdopted()).map(({ id }) => ({ databaseId: id }));
}
