import { controlPool } from "../control.ts";

interface AuditedAct {
  action: string;
  table: string;
  by: string | null;
}

/** What the control database's own audit log says since its entry `after`, oldest first. */
export async function auditedSince(after: string): Promise<AuditedAct[]> {
  const { rows } = await controlPool().query<AuditedAct>(
    `SELECT action, resource_type AS "table", user_id AS by FROM caretaker.audit_logs
      WHERE id > $1 ORDER BY created_at, id`,
    [after],
  );
  return rows;
}

/** The newest entry's id, to look for what comes after it. */
export async function newestEntry(): Promise<string> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT coalesce(max(id), 0) AS id FROM caretaker.audit_logs",
  );
  return rows[0]?.id ?? "0";
}
