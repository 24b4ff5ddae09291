/**
 * How many rows an entry stands for where a transaction is told, as SQL: of a TRUNCATE all that it emptied, and none of the deletes that
 * it was kept by besides; anything else is one, whatever an application's event says of itself. `inMetadata` is SQL for the text of a
 * key of the metadata: PostgreSQL's and DuckDB's differ.
 */
export function affectedRows(inMetadata: (key: string) => string): string {
  return `CASE WHEN action = 'truncate' THEN coalesce(CAST(${inMetadata("rows")} AS bigint), 0)
               WHEN action = 'delete' AND ${inMetadata("truncate")} IS NOT NULL THEN 0 ELSE 1 END`;
}
