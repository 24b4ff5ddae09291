import type pg from "pg";
import { type AuditFilter, unknownActor } from "#db/audit/contract.ts";

export interface Question {
  name: string;
  filter: AuditFilter;
}

/** What each filter is asked with: the commonest value, the rarest, and others between, as the log has them. */
export async function questions(client: pg.Client, each: number): Promise<Question[]> {
  const sampled: Question[] = [];
  const columns = {
    tenant: "tenant_id",
    actor: "user_id",
    record: "resource_id",
    table: "resource_type",
    action: "action",
  };
  for (const [field, column] of Object.entries(columns)) {
    for (const value of await spreadOf(client, column, each)) {
      sampled.push({ name: field, filter: field === "action" ? { action: [value] } : { [field]: value } });
    }
  }
  for (const { request, transaction, record } of await sample(client, each)) {
    sampled.push({ name: "request", filter: { request } }, { name: "transaction", filter: { transaction } });
    sampled.push({ name: "any id", filter: { text: record } });
  }
  for (const text of await spreadOf(client, "user_id", each)) sampled.push({ name: "any id", filter: { text } });
  for (let n = 0; n < each; n++) {
    sampled.push({ name: "no filter", filter: {} }, { name: "unknown actor", filter: { actor: unknownActor } });
    sampled.push({ name: "from", filter: { from: `-${n + 1}d` } }, { name: "to", filter: { to: `-${n * 12}d` } });
    sampled.push(
      { name: "schema", filter: { schema: "public" } },
      { name: "no such table", filter: { table: `none_${n}` } },
    );
  }
  return sampled;
}

/** Values of a column from the commonest to the rarest. */
async function spreadOf(client: pg.Client, column: string, count: number): Promise<string[]> {
  const { rows } = await client.query<{ value: string }>(
    `SELECT value FROM (
       SELECT ${column} AS value, row_number() OVER (ORDER BY count(*) DESC, ${column}) AS place, count(*) OVER () AS values
         FROM caretaker.audit_logs WHERE ${column} IS NOT NULL GROUP BY ${column}) AS ranked
      WHERE place = 1 OR place = values OR place % greatest(1, values / $1::int) = 0
      ORDER BY place LIMIT $1::int + 2`,
    [count],
  );
  return rows.map(({ value }) => value);
}

async function sample(
  client: pg.Client,
  count: number,
): Promise<{ request: string; transaction: string; record: string }[]> {
  const { rows } = await client.query<{ request: string; transaction: string; record: string }>(
    `SELECT request_id AS request, transaction_id::text AS transaction, resource_id AS record
       FROM caretaker.audit_logs TABLESAMPLE BERNOULLI (1) REPEATABLE (7) LIMIT $1`,
    [count],
  );
  return rows;
}
