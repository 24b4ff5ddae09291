import { type Actor, authorise } from "../../actor.ts";
import { Values } from "../../audit/conditions.ts";
import { isEntryId } from "../../audit/entry-id.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { withDatabase } from "../../fleet.ts";
import { type ManagedTable, managedTablesOf } from "../../managed-tables.ts";
import { damagedCursor, decodeCursor, type Page, toPage } from "../../page.ts";
import { labelColumns } from "../label.ts";
import { backElsewhere } from "./back-elsewhere.ts";
import type { DeletionRow, OneDeletion } from "./contract.ts";
import { nearSql } from "./deletion.ts";
import { stateSql } from "./extent.ts";
import { deletesSql, marksOf } from "./marks.ts";
import { moversOf } from "./movers.ts";
import { soleTenants } from "./sole-tenants.ts";

/** The rows of one deletion in the order in which they went, each with what became of it. */
export async function deletionRows(
  actor: Actor,
  { database, transaction, near }: OneDeletion,
  cursor: string | null = null,
  limit = 100,
): Promise<Page<DeletionRow>> {
  authorise(actor, "records.read");
  await auditedDatabase(database);
  const managed = await managedTablesOf(database);
  const marks = marksOf(managed);
  const values = new Values();
  const where = [
    `transaction_id = ${values.add(transaction)}::xid8`,
    ...nearSql(values, near),
    deletesSql(values, marks),
    ...(cursor === null ? [] : [`audit_logs.id > ${values.add(placeOf(cursor))}::bigint`]),
  ];
  const rows = await withDatabase(database, async (client) => {
    const { rows } = await client.query<Omit<DeletionRow, "database" | "transaction">>(
      `SELECT taken.id::text AS entry, to_char(taken.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
              CASE taken.action WHEN 'delete' THEN 'hard' ELSE 'soft' END AS kind,
              taken.resource_schema AS schema, taken.resource_type AS "table", taken.resource_id AS record, taken.tenant_id AS tenant,
              CASE WHEN label.text LIKE 'masked:%' THEN NULL ELSE left(label.text, 120) END AS label,
              ${stateSql(values, marks, "taken")} AS state
         FROM (SELECT * FROM caretaker.audit_logs WHERE ${where.join(" AND ")}
                ORDER BY audit_logs.id LIMIT ${values.add(limit + 1)}) AS taken
        CROSS JOIN LATERAL (
          SELECT coalesce(${labelColumns.map((column) => `taken.old_values ->> '${column}'`).join(", ")}) AS text) AS label
        ORDER BY taken.id`,
      values.list,
    );
    return rows.map((row) => ({ database, transaction, ...row }));
  });
  return toPage(await followed(database, managed, rows), limit, ({ entry }) => [entry]);
}

/** A row that came back where its tenant lives now is live again. */
async function followed(
  database: string,
  managed: readonly ManagedTable[],
  rows: readonly DeletionRow[],
): Promise<DeletionRow[]> {
  const { tenants } = await soleTenants(database, rows);
  const tenantOf = ({ tenant, transaction }: DeletionRow) => tenant ?? tenants.get(transaction) ?? null;
  const moverOf = await moversOf(database, managed, rows.map(tenantOf));
  const gone = rows.flatMap((row) => {
    const mover = row.state === "deleted" ? moverOf({ ...row, tenant: tenantOf(row) }) : null;
    const { table, record } = row;
    return mover && table !== null && record !== null ? [{ ...row, table, record, mover }] : [];
  });
  const { back } = await backElsewhere(gone);
  const entries = new Set([...back].map(({ entry }) => entry));
  return rows.map((row) => (entries.has(row.entry) ? { ...row, state: "back" } : row));
}

function placeOf(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (!id || !isEntryId(id)) throw damagedCursor();
  return id;
}
