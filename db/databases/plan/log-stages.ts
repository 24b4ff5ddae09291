import type { Statement } from "../../managed/statement.ts";
import type { Installed } from "./installed.ts";
import type { PlanUnit } from "./statements.ts";

/**
 * A log of before it had two stages becomes one of them. Its entries are read for that beforehand, while writers go on, so that the whole
 * log's table, which is made after it, takes it over at once.
 */
export function logStageUnits({ version, log }: Pick<Installed, "version" | "log">): PlanUnit[] {
  if (version === null || log.isStaged) return [];
  return [
    {
      name: "column staged of caretaker.audit_logs",
      statements: [
        alter(
          "ADD COLUMN IF NOT EXISTS staged boolean NOT NULL DEFAULT false",
          "ACCESS EXCLUSIVE on the audit log, milliseconds",
          "Tells the two stages of the log apart.",
        ),
        alter(
          "DROP CONSTRAINT IF EXISTS not_staged, ADD CONSTRAINT not_staged CHECK (NOT staged) NOT VALID",
          "ACCESS EXCLUSIVE on the audit log, milliseconds",
          "Every entry of before has its indexes.",
        ),
      ],
    },
    {
      name: "check of caretaker.audit_logs",
      statements: [
        alter(
          "VALIDATE CONSTRAINT not_staged",
          "SHARE UPDATE EXCLUSIVE on the audit log while its entries are read: readers and writers go on",
          "With this proved, the log becomes a stage without being read under a lock.",
        ),
      ],
    },
  ];
}

function alter(what: string, lock: string, why: string): Statement {
  return {
    sql: `ALTER TABLE caretaker.audit_logs ${what}`,
    object: "caretaker.audit_logs",
    lock,
    why,
    transactional: true,
  };
}
