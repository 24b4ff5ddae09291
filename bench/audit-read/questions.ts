import type pg from "pg";
import { is, parseQuery, type Term } from "#db/audit/contract.ts";

export interface Question {
  name: string;
  terms: Term[];
}

const fields = ["tenant", "actor", "record", "table", "action"] as const;

/** What each filter that an index serves is asked with: the commonest value, the rarest, and others between, as the log has them. */
export async function questions(client: pg.Client, each: number): Promise<Question[]> {
  const values = {
    tenant: await spreadOf(client, "tenant_id", each),
    actor: await spreadOf(client, "user_id", each),
    record: await spreadOf(client, "resource_id", each),
    table: await spreadOf(client, "resource_type", each),
    action: await spreadOf(client, "action", each),
  };
  const asked: Question[] = fields.flatMap((field) =>
    values[field].map((value) => ({ name: field, terms: [is(field, value)] })),
  );
  for (const { request, transaction, record, table, tenant } of await sample(client, each)) {
    asked.push({ name: "request", terms: [is("request", request)] });
    asked.push({ name: "tx", terms: [is("tx", transaction)] });
    asked.push({ name: "table and record", terms: [is("table", table), is("record", record)] });
    asked.push({ name: "table and action", terms: [is("table", table), is("action", "delete")] });
    asked.push({ name: "tenant and time", terms: [is("tenant", tenant), ...read("at:-400d..-300d")] });
    asked.push({ name: "free text", terms: [{ op: "text", field: "text", negated: false, text: record }] });
  }
  const anAction = (at: number) => is("action", values.action[at % values.action.length] ?? "");
  for (const [at, user] of values.actor.entries()) {
    asked.push({ name: "free text", terms: [{ op: "text", field: "text", negated: false, text: user }] });
    asked.push({ name: "not this actor", terms: [{ ...is("actor", user), negated: true }] });
    asked.push({ name: "actor and action", terms: [is("actor", user), anAction(at)] });
  }
  for (const [at, tenant] of values.tenant.entries()) {
    asked.push({ name: "tenant and action", terms: [is("tenant", tenant), anAction(at)] });
  }
  for (let n = 0; n < each; n++) {
    asked.push({ name: "no filter", terms: [] }, { name: "unknown actor", terms: read("actor:none") });
    asked.push({ name: "at: since", terms: read(`at:-${n + 1}d`) });
    asked.push({ name: "at: until", terms: read(`at:..-${n * 12 + 1}d`) });
    asked.push({ name: "schema", terms: read("schema:public") });
    asked.push({ name: "no such table", terms: read(`table:none_${n}`) });
  }
  return asked;
}

/** What no index serves: answered while entries are many, else refused before anything slow runs. */
export const scans: Question[] = [
  "changed:status",
  "changed:none_such",
  "new.status:paid",
  "old.email:person-17@example.com",
  "new.total:100..200",
  "ip:10.3.0.0/16",
  "ip:192.0.2.1",
  "value:person-17@",
  "changed:none_such at:-3d",
  "ip:192.0.2.1 at:-3d",
  "table:table_3 old.email:nobody@example.com at:-30d",
].map((name) => ({ name, terms: read(name) }));

function read(text: string): Term[] {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.terms;
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

export interface Sampled {
  request: string;
  transaction: string;
  record: string;
  table: string;
  tenant: string;
}

/** Entries from the whole length of the log. */
export async function sample(client: pg.Client, count: number, action: string | null = null): Promise<Sampled[]> {
  const { rows } = await client.query<Sampled>(
    `SELECT request_id AS request, transaction_id::text AS transaction, resource_id AS record, resource_type AS "table",
            tenant_id AS tenant
       FROM (SELECT *, row_number() OVER (PARTITION BY tableoid) AS place
               FROM caretaker.audit_logs TABLESAMPLE BERNOULLI (0.5) REPEATABLE (7)
              WHERE action = coalesce($2, action)) AS spread
      ORDER BY place, created_at LIMIT $1`,
    [count, action],
  );
  return rows;
}
