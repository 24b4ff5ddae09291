import type pg from "pg";

/** What of the audit log goes when Caretaker is taken out of a database. */
export interface LogThatGoes {
  /** The planner's estimate. */
  entries: number;
  /** Of its first and its last entry, as YYYY-MM-DD in UTC; null where it has none. */
  from: string | null;
  to: string | null;
}

export async function logThatGoes(client: pg.ClientBase): Promise<LogThatGoes> {
  const { rows } = await client.query<{ there: boolean; entries: string }>(
    `SELECT to_regclass('caretaker.audit_logs') IS NOT NULL AS there,
            (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
               FROM pg_partition_tree(to_regclass('caretaker.audit_logs')) AS tree
               JOIN pg_class c ON c.oid = tree.relid AND tree.isleaf) AS entries`,
  );
  const [{ there, entries } = { there: false, entries: "0" }] = rows;
  const span = there ? await client.query<Omit<LogThatGoes, "entries">>(spanSql) : { rows: [] };
  return { entries: Number(entries), from: null, to: null, ...span.rows[0] };
}

const spanSql = `SELECT to_char(min(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "from",
                        to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "to" FROM caretaker.audit_logs`;
