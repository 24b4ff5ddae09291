import { above, type HealthCheck } from "./check.ts";

const table = "caretaker.audit_logs_staged";

const sql = `SELECT extract(epoch FROM now() - min(created_at))::float8 AS age, count(*)::int AS entries,
       pg_size_pretty(pg_relation_size('${table}')) AS size
  FROM ${table}`;

// Ours: a worker moves them to their months every ten seconds, and readers read all of those that wait.
export const auditStaged: HealthCheck = {
  id: "audit-staged",
  title: "Audit entries that wait for their indexes",
  unit: "seconds",
  threshold: "warning when the oldest waits for 5 minutes, critical for an hour",
  sql,
  async run(client) {
    const { rowCount } = await client.query("SELECT WHERE to_regclass($1) IS NOT NULL", [table]);
    if (rowCount === 0) return { verdict: "good", value: 0, finding: "Every entry has its indexes." };
    const { rows } = await client.query<{ age: number | null; entries: number; size: string }>(sql);
    const { age, entries, size } = rows[0] ?? { age: null, entries: 0, size: "0 bytes" };
    if (age === null) return { verdict: "good", value: 0, finding: "Every entry has its indexes." };
    const verdict = above(age, 300, 3_600);
    return {
      verdict,
      value: age,
      finding: `${entries.toLocaleString("en")} entries wait in ${size}, which every question about the log reads.`,
      ...(verdict === "good" ? {} : { fix: "Start the worker, which indexes them." }),
    };
  },
};
