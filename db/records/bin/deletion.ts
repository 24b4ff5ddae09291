import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { named, userNames } from "../../audit/actor-names.ts";
import { Values } from "../../audit/conditions.ts";
import { type EntryRow, entryColumns, entryRows } from "../../audit/entry-row.ts";
import { type AuditedDatabase, auditedDatabase } from "../../audit/scope.ts";
import { tenantNames } from "../../audit/story-tenants.ts";
import { Refusal } from "../../errors.ts";
import { type Silent, withDatabase } from "../../fleet.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { keptDays } from "../retention/kept-days.ts";
import type { Deletion, OneDeletion } from "./contract.ts";
import { extentsOf } from "./extent.ts";
import { followMoved } from "./followed.ts";
import { deletesSql, type Marks, marksOf } from "./marks.ts";
import { tellDeletion } from "./words.ts";

/** One deletion is counted to ten thousand rows, and that many are looked after. */
const most = { counted: 10_000, looked: 10_000 };

/** One deletion: who, when, how much of what, and how much of it is deleted still. */
export async function readDeletion(actor: Actor, asked: OneDeletion): Promise<Deletion> {
  authorise(actor, "records.read");
  const database = await auditedDatabase(asked.database);
  const managed = await managedTablesOf(database.id);
  const { rows, extent, users } = await withDatabase(database.id, async (client) => {
    const marks = marksOf(managed);
    const head = await headOf(client, asked, marks);
    const rows = head === null ? [] : [head];
    const extents = await extentsOf(client, rows, marks, most);
    return { rows, extent: extents.get(asked.transaction), users: await userNames(client, database.usersTable, rows) };
  });
  const [entry] = await named([{ database, rows, users }]);
  if (!entry || !extent) throw nothing(database);
  const owners = extent.tables.flatMap(({ tenant }) => tenant ?? []);
  const { followed, silent } = await followMoved(database.id, managed, [{ ...entry, extent }]);
  const told = tellDeletion(
    entry,
    extent,
    await keptDays(database.id),
    await tenantNames(owners, [database.id]),
    followed.get(entry.transaction),
  );
  return { ...told, lives: [...told.lives, ...silent.map(unanswered)] };
}

/** The newest entry of the deletion; null where the transaction deleted nothing. */
async function headOf(
  client: pg.PoolClient,
  { transaction, near }: OneDeletion,
  marks: Marks,
): Promise<EntryRow | null> {
  const values = new Values();
  const where = [
    `transaction_id = ${values.add(transaction)}::xid8`,
    ...nearSql(values, near),
    deletesSql(values, marks),
  ];
  const rows = await entryRows(
    client,
    `SELECT ${entryColumns} FROM caretaker.audit_logs WHERE ${where.join(" AND ")}
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT 1`,
    values.list,
  );
  return rows[0] ?? null;
}

function unanswered({ name, reason }: Silent): string {
  return `Whether rows came back in ${name} is not known: ${reason}.`;
}

/** Partitions are pruned by a time that is known to be within a day. */
export function nearSql(values: Values, near: string | undefined): string[] {
  if (near === undefined) return [];
  const at = `${values.add(near)}::timestamptz`;
  return [`created_at BETWEEN ${at} - interval '1 day' AND ${at} + interval '1 day'`];
}

function nothing({ name }: AuditedDatabase): Refusal {
  return new Refusal("not_found", `The audit log of ${name} knows no such deletion.`, {
    fix: "Check the link; a transaction that was rolled back leaves nothing, and old months may be archived.",
  });
}
