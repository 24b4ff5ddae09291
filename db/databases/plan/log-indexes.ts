import { logIndexes } from "../../managed/sql/020-audit-logs.ts";
import { identifier, relation } from "../../managed/statement.ts";
import type { Installed } from "./installed.ts";
import type { PlanUnit } from "./statements.ts";

/**
 * Indexes that an older log lacks, month by month and each in a transaction of its own. Writers wait for that of the current month
 * only; the whole log's, which is made after them, finds them there and takes them over.
 */
export function logIndexUnits({ version, log }: Pick<Installed, "version" | "log">): PlanUnit[] {
  if (version === null) return [];
  const missing = Object.entries(logIndexes).filter(([name]) => !log.indexes.includes(name));
  return missing.flatMap(([name, columns]) =>
    log.partitions.map((partition) => unitOf(partition, name.replace("audit_logs", partition), columns)),
  );
}

function unitOf(partition: string, index: string, columns: string): PlanUnit {
  const object = `caretaker.${index}`;
  return {
    name: `index ${object}`,
    statements: [
      {
        sql: `CREATE INDEX IF NOT EXISTS ${identifier(index)} ON ${relation("caretaker", partition)} ${columns}`,
        object,
        lock: `SHARE on caretaker.${partition} while its entries are read: writes to recorded tables wait where that is the current month`,
        why: "Answers one filter of the audit page.",
        transactional: true,
      },
    ],
  };
}
