import { rows, willOf } from "../scratch.ts";
import type { Work } from "../work.ts";

/** Enters what is to be written, before it is: after a crash it is known what was and what was not. */
export async function enterReceipts(work: Work, restore: string): Promise<number> {
  await work.client.query("DELETE FROM caretaker.restored_rows WHERE restore_id = $1 AND done_at IS NULL", [restore]);
  const { rowCount } = await work.client.query(
    `INSERT INTO caretaker.restored_rows (restore_id, n, chunk, act, origin, schema_name, table_name, record, entry_id, entry_at,
                                          given, omitted, changed, earlier, before_hash)
     SELECT $1, r.n, r.chunk, r.act, r.origin, t.schema_name, t.table_name, r.record, r.entry, r.entry_at,
            nullif(r.given, '{}'), nullif(r.omitted, '{}'), r.changed,
            CASE r.act WHEN 'update' THEN (SELECT jsonb_object_agg(key, r.standing -> key) FROM jsonb_object_keys(${willOf("r")}) AS key) END,
            r.hash
       FROM ${rows} AS r JOIN unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (schema_name, table_name, tab) ON t.tab = r.tab + 1
      WHERE r.state = 'open'`,
    [restore, work.tables.map(({ schema }) => schema), work.tables.map(({ name }) => name)],
  );
  return rowCount ?? 0;
}
