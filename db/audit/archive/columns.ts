import type pg from "pg";
import { Refusal } from "../../errors.ts";

/** A column of the log as it stands in an archive. Whatever is neither a time nor a number is the text PostgreSQL prints. */
interface ArchivedColumn {
  name: string;
  /** The type in Parquet. */
  type: "TIMESTAMPTZ" | "BIGINT" | "UBIGINT" | "VARCHAR";
}

/** Every column of caretaker.audit_logs, in its order, but `staged`, which only tells where an entry stands. */
export const archivedColumns: readonly ArchivedColumn[] = [
  { name: "created_at", type: "TIMESTAMPTZ" },
  { name: "id", type: "BIGINT" },
  { name: "transaction_id", type: "UBIGINT" },
  ...[
    ...["action", "resource_schema", "resource_type", "resource_id", "tenant_id", "user_id", "request_id"],
    ...["ip_address", "user_agent", "old_values", "new_values", "changes", "metadata"],
  ].map((name) => ({ name, type: "VARCHAR" as const })),
];

/** How PostgreSQL prints one entry: text of fixed form whatever its settings, so that equal entries are equal bytes. */
export const printed = archivedColumns
  .map(({ name, type }) =>
    type === "TIMESTAMPTZ" ? `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')` : name,
  )
  .join(", ");

/** The same from Parquet, in DuckDB. */
export const printedByDuck = archivedColumns
  .map(({ name, type }) =>
    type === "TIMESTAMPTZ" ? `strftime(${name} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')` : name,
  )
  .join(", ");

/** Refuses a log with a column that an archive would not hold: it would be lost when the month is dropped. */
export async function assertColumns(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = 'caretaker.audit_logs'::regclass AND attnum > 0 AND NOT attisdropped`,
  );
  const known = new Set([...archivedColumns.map(({ name }) => name), "staged"]);
  const strange = rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (strange.length === 0 && rows.length === known.size) return;
  throw new Refusal("unsupported", `The audit log has other columns than an archive holds: ${strange.join(", ")}.`, {
    fix: "Bring this database's installation to the console's version first.",
  });
}
