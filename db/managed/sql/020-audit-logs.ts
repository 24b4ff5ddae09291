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

/** SQL of the table that has the log's months for partitions; in a database whose plan was not applied since, the log itself. */
export const monthsParent =
  "coalesce(to_regclass('caretaker.audit_logs_indexed'), to_regclass('caretaker.audit_logs'))";

// Whether a log of before there were staged entries stands: all of it was one table, partitioned by month.
const isUnstaged = `(SELECT partstrat FROM pg_catalog.pg_partitioned_table WHERE partrelid = to_regclass('caretaker.audit_logs')) = 'r'`;

const columns = `
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
  staged          boolean     NOT NULL DEFAULT false`;

/**
 * The log. An entry's state: create has `new_values`; delete has `old_values`; update has `old_values`, the whole row before, and
 * `changes`, the new values of what differs: the state after is `old_values || changes`. Masked values read "masked:<hash>".
 * An id is `(epoch milliseconds << 20) | (sequence & 1048575)`, so that it says in which partition the entry lies.
 *
 * It has two stages. The entry of a single updated row, which is what applications write most, is put where there is no index to keep,
 * and moved to its month by the worker within seconds; see sql/035-staged.ts. Whoever reads caretaker.audit_logs reads both.
 */
export const auditLogs: Statement[] = [
  own(
    "caretaker.audit_logs",
    "A log of before there were two stages becomes the stage that has its indexes.",
    `
DO $do$
BEGIN
  IF ${isUnstaged} THEN
    ALTER TABLE caretaker.audit_logs RENAME TO audit_logs_indexed;
    ALTER TABLE caretaker.audit_logs_indexed ADD COLUMN IF NOT EXISTS staged boolean NOT NULL DEFAULT false;
  END IF;
END
$do$`,
  ),
  own(
    "caretaker.audit_logs",
    'The audit log. Fixed-width columns stand first: they need no padding there. COLLATE "C": keys are compared as bytes.',
    `CREATE TABLE IF NOT EXISTS caretaker.audit_logs (${columns}\n) PARTITION BY LIST (staged)`,
  ),
  own(
    "caretaker.audit_logs_indexed",
    "Entries under their indexes, one partition a month.",
    `
CREATE TABLE IF NOT EXISTS caretaker.audit_logs_indexed (${columns},
  CONSTRAINT audit_logs_pkey PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at)`,
  ),
  own(
    "caretaker.audit_logs_indexed",
    "It is part of the log. Whoever was given a log of before to read reads on.",
    `
DO $do$
DECLARE
  reader text;
BEGIN
  IF NOT (SELECT relispartition FROM pg_catalog.pg_class WHERE oid = 'caretaker.audit_logs_indexed'::regclass) THEN
    ALTER TABLE caretaker.audit_logs ATTACH PARTITION caretaker.audit_logs_indexed FOR VALUES IN (false);
    ALTER TABLE caretaker.audit_logs_indexed DROP CONSTRAINT IF EXISTS not_staged;
    FOR reader IN SELECT CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END
                    FROM pg_catalog.pg_class CROSS JOIN LATERAL aclexplode(relacl) AS given
                   WHERE oid = 'caretaker.audit_logs_indexed'::regclass AND given.privilege_type = 'SELECT'
    LOOP
      EXECUTE format('GRANT SELECT ON caretaker.audit_logs TO %s', reader);
    END LOOP;
  END IF;
END
$do$`,
  ),
  ...Object.entries(logIndexes).map(([name, key]) =>
    own(
      `caretaker.${name}`,
      "Answers one filter of the audit page.",
      `CREATE INDEX IF NOT EXISTS ${name} ON caretaker.audit_logs_indexed ${key}`,
    ),
  ),
  own(
    "caretaker.entry_sequence",
    "Tells entries of one millisecond apart and keeps their order.",
    "CREATE SEQUENCE IF NOT EXISTS caretaker.entry_sequence AS bigint",
  ),
];
