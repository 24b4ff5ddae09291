import { Values } from "../../../audit/conditions.ts";
import type { Moving, Work } from "../work.ts";
import { carry } from "./carry.ts";

/**
 * Carries over the entries of rows that are to be written: `receipts` is SQL that gives entry_id and entry_at. A parent may have gone
 * where the tenant lives now.
 */
export async function carryEntries(work: Work, moving: Moving, receipts: string): Promise<void> {
  const { rows } = await work.client.query<{ id: string; at: string }>(
    `SELECT w.entry_id::text AS id, w.entry_at::text AS at FROM (${receipts}) AS w WHERE w.entry_id IS NOT NULL`,
  );
  const [ids, times] = [rows.map(({ id }) => id), rows.map(({ at }) => at)];
  const there = { client: moving.log, id: moving.from.id };
  const here = { client: work.client, id: work.database.id };
  for (const log of there.id === here.id ? [here] : [there, here]) {
    const values = new Values();
    const from = `unnest(${values.add(ids)}::bigint[], ${values.add(times)}::timestamptz[]) AS asked (id, at)
           JOIN caretaker.audit_logs ON audit_logs.created_at = asked.at AND audit_logs.id = asked.id`;
    await carry(work, log, { from, where: "true", values, schema: moving.schema, asked: false });
  }
}
