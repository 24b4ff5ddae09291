import { conditions } from "../../../audit/conditions.ts";
import { byEntryId, isEntryId } from "../../../audit/entry-id.ts";
import { askedBy } from "../../../audit/query/asked.ts";
import { termsIn } from "../../../audit/query/people.ts";
import { Refusal } from "../../../errors.ts";
import { attempt } from "../attempt.ts";
import { entries, rows } from "../scratch.ts";
import { knowTables, recordedIn, tableOf, type Work } from "../work.ts";
import { coldRefusal } from "./cold.ts";
import { addMarked } from "./marked.ts";
import { readEntries } from "./read-entries.ts";
import { entryRefs, markedRefs } from "./refs.ts";
import { takeEntries } from "./take-entries.ts";

/** One hard-deleted row. */
export async function takeEntry(work: Work, entry: string): Promise<void> {
  await takeRows(work, [entry]);
}

/** One row that is marked as deleted. */
export async function takeRecord(
  work: Work,
  address: { schema: string; table: string; record: string },
): Promise<void> {
  const { schema, table, record } = address;
  await takeRecords(work, { schema, name: table }, [record]);
  const { rowCount } = await work.client.query(`SELECT FROM ${rows} WHERE image IS NOT NULL`);
  if (rowCount !== 0) return;
  throw new Refusal("not_found", `${table} has no row ${record} that was deleted.`, {
    fix: "Look for it in the list of deleted records.",
  });
}

/** All that one transaction removed or marked. */
export async function takeTransaction(work: Work, transaction: string): Promise<void> {
  await readEntries(work, (values) => ({
    from: `${work.log} AS audit_logs`,
    where: `transaction_id = ${values.add(transaction)}::text::xid8 AND ${startsFrom(work)}`,
  }));
  if ((await takeEntries(work, "asked")) > 0) return;
  throw await nothing(work, `The log holds no row that transaction ${transaction} deleted.`);
}

/** All that a filter in the audit's language finds. */
export async function takeFilter(work: Work, q: string): Promise<void> {
  if (work.moving) {
    await readEntries(work, () => ({ from: `${work.log} AS audit_logs`, where: startsFrom(work) }));
    if ((await takeEntries(work, "asked")) > 0) return;
    throw await nothing(work, "The filter finds no row that was deleted.");
  }
  const [asked] = await askedBy({ database: work.database.id, q });
  const terms = asked ? await termsIn(work.client, asked) : null;
  if (terms) {
    await readEntries(work, (values) => ({
      from: "caretaker.audit_logs",
      where: conditions(values, terms).join(" AND ") || "true",
    }));
    if ((await takeEntries(work, "asked")) > 0) return;
  }
  throw await nothing(work, "The filter finds no row that was deleted.");
}

/** A selection: entries, and `schema.table:key` of rows that are marked. */
export async function takeRows(work: Work, refs: readonly string[]): Promise<void> {
  const ids = entryRefs(refs);
  if (ids.length > 0) await takeIds(work, ids);
  const marked = markedRefs(refs);
  for (const { schema, name } of distinct(marked)) {
    const records = marked.filter((one) => one.schema === schema && one.name === name).map(({ record }) => record);
    await takeRecords(work, { schema, name }, records);
  }
}

async function takeIds(work: Work, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (!isEntryId(id)) throw new Refusal("not_found", `The audit log has no entry ${id}.`, { fix: "Check the link." });
  }
  const found = await readEntries(work, (values) => ({
    from: `unnest(${values.add(ids)}::bigint[]) AS asked (id)
          CROSS JOIN LATERAL (SELECT log.* FROM ${work.log} AS log WHERE ${byEntryId("asked.id")}) AS audit_logs`,
  }));
  if (found < new Set(ids).size) throw await noRemoval(work, ids);
  await takeEntries(work, "asked");
}

/** Why one of the entries gives no row: it is no removal, or the log does not have it. */
async function noRemoval(work: Work, ids: readonly string[]): Promise<Refusal> {
  const { rows: found } = await work.client.query<{ id: string; found: boolean }>(
    `SELECT asked.id::text AS id, log.id IS NOT NULL AS found
       FROM unnest($1::bigint[]) AS asked (id)
       LEFT JOIN LATERAL (SELECT l.id, l.action FROM ${work.log} AS l WHERE ${byEntryId("asked.id")}) AS log ON true
      WHERE NOT EXISTS (SELECT FROM ${entries} AS e WHERE e.id = asked.id)
      ORDER BY log.action IS NOT DISTINCT FROM 'delete', log.id IS NOT NULL, asked.id LIMIT 1`,
    [ids],
  );
  const { id = "", found: there = false } = found[0] ?? {};
  if (there) {
    return new Refusal("invalid", `The entry ${id} records no deleted row.`, {
      fix: "Choose the entry that deleted it.",
    });
  }
  const unknown = new Refusal("not_found", `The audit log has no entry ${id}.`, {
    fix: "It may be past its retention.",
  });
  return (await coldRefusal(recordedIn(work).id, id)) ?? unknown;
}

async function takeRecords(
  work: Work,
  name: { schema: string; name: string },
  records: readonly string[],
): Promise<void> {
  await knowTables(work, [name]);
  const table = tableOf(work, name);
  const mark = table?.managed?.softDelete;
  if (!table || !mark) {
    throw new Refusal("invalid", `${name.schema}.${name.name} has no column that marks deleted rows.`, {
      fix: "Restore the row from the audit entry that deleted it.",
    });
  }
  const sql = `SELECT asked.record, log.id AS entry, log.created_at AS entry_at, log.transaction_id AS xact, log.tenant_id AS tenant
                 FROM unnest($1::text[]) AS asked (record)
                 LEFT JOIN LATERAL (
                   SELECT l.* FROM ${work.log} AS l
                    WHERE l.resource_id = asked.record AND l.resource_type = $2 AND l.resource_schema = $3
                      AND l.action = 'update' AND l.changes ? $4
                    ORDER BY l.created_at DESC, l.id DESC LIMIT 1) AS log ON true`;
  const values = [records, name.name, name.schema, mark.column];
  const tried = await attempt(work, () => addMarked(work, table, "asked", { sql, values }));
  if ("done" in tried) return;
  throw new Refusal("not_found", `${name.name} can have no such row: ${tried.refused}.`, {
    fix: "Look for it in the list of deleted records.",
  });
}

async function nothing(work: Work, message: string): Promise<Refusal> {
  const cold = await coldRefusal(recordedIn(work).id, null);
  return new Refusal("not_found", message, {
    fix: cold?.fix ?? "It may be past the log's retention, or its table was not audited then.",
  });
}

/**
 * SQL over an entry: a plan starts from it. Of a tenant that moved only what is in the log as its own; what a cascade took may be
 * there without its tenant, beside that of others, and comes with its parent.
 */
function startsFrom({ moving }: Work): string {
  return moving ? "asked AND tenant_id IS NOT NULL" : "true";
}

function distinct<T extends { schema: string; name: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify([one.schema, one.name]), one])).values()];
}
