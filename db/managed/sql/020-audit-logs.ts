import { own, type Statement } from "../statement.ts";

// Every index serves one way of asking, newest first. The same set stands on the textbook table of bench/capture.ts.
export const logIndexes: Record<string, string> = {
  audit_logs_resource_id_idx: "(resource_id, created_at, id)",
  audit_logs_tenant_id_idx: "(tenant_id, created_at, id)",
  audit_logs_user_id_idx: "(user_id, created_at, id)",
  audit_logs_resource_type_idx: "(resource_type, action, created_at, id)",
  audit_logs_transaction_id_idx: "(transaction_id)",
  audit_logs_request_id_idx: "(request_id) WHERE request_id IS NOT NULL",
  audit_logs_new_key_idx: "((metadata ->> 'new_key')) WHERE metadata ? 'new_key'",
  audit_logs_impersonator_idx: "((metadata ->> 'impersonator'), created_at, id) WHERE metadata ? 'impersonator'",
};

/**
 * The log. An entry's state: create has `new_values`; delete has `old_values`; update has `old_values`, the whole row before, and
 * `changes`, the new values of what differs: the state after is `old_values || changes`. Masked values read "masked:<hash>".
 * An id is `(epoch milliseconds << 20) | (sequence & 1048575)`, so that it says in which partition the entry lies.
 */
export const auditLogs: Statement[] = [
  own(
    "caretaker.audit_logs",
    'The audit log, one partition a month. Fixed-width columns stand first: they need no padding there. COLLATE "C": keys are compared as bytes.',
    `
CREATE TABLE IF NOT EXISTS caretaker.audit_logs (
  created_at      timestamptz NOT NULL,
  id              bigint      NOT NULL,
  transaction_id  xid8        NOT NULL,
  action          text COLLATE "C" NOT NULL,
  resource_schema text COLLATE "C",
  resource_type   text COLLATE "C",
  resource_id     text COLLATE "C",
  tenant_id       text COLLATE "C",
  user_id         text COLLATE "C",
  request_id      text COLLATE "C",
  ip_address      inet,
  user_agent      text,
  old_values      jsonb,
  new_values      jsonb,
  changes         jsonb,
  metadata        jsonb,
  PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at)`,
  ),
  ...Object.entries(logIndexes).map(([name, columns]) =>
    own(
      `caretaker.${name}`,
      "Answers one filter of the audit page.",
      `CREATE INDEX IF NOT EXISTS ${name} ON caretaker.audit_logs ${columns}`,
    ),
  ),
  own(
    "caretaker.entry_sequence",
    "Tells entries of one millisecond apart and keeps their order.",
    "CREATE SEQUENCE IF NOT EXISTS caretaker.entry_sequence AS bigint",
  ),
];
