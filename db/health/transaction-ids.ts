import { above, type HealthCheck } from "./check.ts";

const sql = `SELECT c.oid::regclass::text AS name, greatest(age(c.relfrozenxid), age(t.relfrozenxid))::float8 AS age,
       greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid))::float8 AS multixact_age
  FROM pg_class c
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'm')
 ORDER BY greatest(age(c.relfrozenxid), age(t.relfrozenxid), mxid_age(c.relminmxid), mxid_age(t.relminmxid)) DESC
 LIMIT 10`;

// The server refuses writes at about 2.1 billion. 400 million: twice the default autovacuum_freeze_max_age, so the forced
// vacuum has had as long again and did not come through. 1.5 billion: CrunchyData's and pghero's last call.
export const transactionIds: HealthCheck = {
  id: "transaction-ids",
  title: "Oldest transaction id",
  unit: "count",
  threshold: "warning from an age of 400 million, critical from 1.5 billion",
  sql,
  async run(client) {
    const { rows } = await client.query<{ name: string; age: number; multixact_age: number }>(sql);
    const [oldest] = rows;
    const age = Math.max(oldest?.age ?? 0, oldest?.multixact_age ?? 0);
    const verdict = above(age, 400_000_000, 1_500_000_000);
    return {
      verdict,
      value: age,
      finding: `The oldest table, ${oldest?.name ?? "none"}, was frozen ${age} transactions ago.`,
      ...(verdict === "good"
        ? {}
        : { fix: "VACUUM (FREEZE) it, and end old transactions, slots and prepared transactions first." }),
      evidence: {
        columns: [
          { name: "table", unit: "text" },
          { name: "age in transactions", unit: "count" },
          { name: "age in multixacts", unit: "count" },
        ],
        rows: rows.map((row) => [row.name, row.age, row.multixact_age]),
      },
    };
  },
};
