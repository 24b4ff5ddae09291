import type pg from "pg";
import { conditions, type Position, Values } from "../../audit/conditions.ts";
import { type EntryRow, entryColumns } from "../../audit/entry-row.ts";
import { newestEntries } from "../../audit/newest-entries.ts";
import type { Term } from "../../audit/query/terms.ts";
import { deletesSql, type Marks } from "./marks.ts";

interface Asked {
  /** As they stand in this database: see termsIn. */
  terms: readonly Term[];
  marks: Marks;
  position: Position | null;
  limit: number;
}

/** Entries read at a time: most deletions have few rows, so that one reading fills a page. */
const readAtOnce = 200;

/**
 * The newest entry of each deletion, newest first. Entries are read until there are enough transactions; those that are known
 * already are passed over in the database, so that one big deletion does not hide the others.
 */
export async function deletionHeads(client: pg.PoolClient, asked: Asked): Promise<EntryRow[]> {
  const heads: EntryRow[] = [];
  const known = new Set<string>();
  let { position } = asked;
  for (;;) {
    const passed = [...known];
    const more = (values: Values) => [
      deletesSql(values, asked.marks),
      ...(passed.length === 0 ? [] : [`transaction_id <> ALL (${values.add(passed)}::text[]::xid8[])`]),
    ];
    const read = await newestEntries<EntryRow>(client, entryColumns, { ...asked, position, limit: readAtOnce, more });
    const fresh = read.filter(({ transaction }) => !known.has(transaction) && known.add(transaction));
    heads.push(...(await withoutShown(client, fresh, asked)));
    const last = read.at(-1);
    if (!last || read.length < readAtOnce || heads.length >= asked.limit) return heads;
    position = { at: last.at, id: last.id, shown: true };
  }
}

/** A deletion stands where its newest entry is; one that has an entry before the page was on an earlier page. */
async function withoutShown(client: pg.PoolClient, heads: EntryRow[], asked: Asked): Promise<EntryRow[]> {
  const { position, terms, marks } = asked;
  if (position === null || heads.length === 0) return heads;
  const values = new Values();
  const at = `${values.add(position.at)}::timestamptz`;
  const newer = [
    "transaction_id = asked.transaction::xid8",
    `created_at >= ${at}`,
    `(created_at, id) ${position.shown ? ">=" : ">"} (${at}, ${values.add(position.id)}::bigint)`,
    ...conditions(values, terms),
    deletesSql(values, marks),
  ];
  const { rows } = await client.query<{ transaction: string }>(
    `SELECT asked.transaction FROM unnest(${values.add(heads.map(({ transaction }) => transaction))}::text[]) AS asked (transaction)
      WHERE EXISTS (SELECT FROM caretaker.audit_logs WHERE ${newer.join(" AND ")})`,
    values.list,
  );
  const shown = new Set(rows.map(({ transaction }) => transaction));
  return heads.filter(({ transaction }) => !shown.has(transaction));
}
