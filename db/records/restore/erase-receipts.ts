import type pg from "pg";

/**
 * Clears the values in the receipts of records that are erased: an undo would write them back. What a restore had still to write of
 * them goes. That the rows were restored, by whom and with which hashes stays. Answers how many receipts held values.
 */
export async function eraseReceipts(
  client: pg.ClientBase,
  { schema, name }: { schema: string; name: string },
  records: readonly string[],
): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('caretaker.restored_rows') IS NOT NULL AS there",
  );
  if (!rows[0]?.there) return 0;
  const which = "schema_name = $1 AND table_name = $2 AND record = ANY ($3::text[])";
  const values = [schema, name, records];
  const { rowCount: ahead } = await client.query(
    `DELETE FROM caretaker.restored_rows WHERE ${which} AND done_at IS NULL`,
    values,
  );
  const { rowCount: done } = await client.query(
    `UPDATE caretaker.restored_rows SET given = NULL, earlier = NULL
      WHERE ${which} AND (given IS NOT NULL OR earlier IS NOT NULL)`,
    values,
  );
  return (ahead ?? 0) + (done ?? 0);
}
