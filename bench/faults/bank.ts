import type pg from "pg";
import type { Ledger } from "#db/outcome.ts";

// The data that every fault run writes: accounts, and a ledger that says which transaction wrote each row.

export const accounts = 64;
const opening = 1_000;

export async function openBank(client: pg.Client): Promise<void> {
  await client.query(`
    CREATE TABLE account (id integer PRIMARY KEY, balance bigint NOT NULL);
    CREATE TABLE operation (id uuid PRIMARY KEY, amount bigint NOT NULL, xact xid8 NOT NULL DEFAULT pg_current_xact_id());
    CREATE TABLE entry (
      operation uuid NOT NULL,
      account integer NOT NULL,
      delta bigint NOT NULL,
      xact xid8 NOT NULL DEFAULT pg_current_xact_id()
    );
    INSERT INTO account SELECT id, ${opening} FROM generate_series(1, ${accounts}) AS id`);
}

export interface Transfer {
  id: string;
  from: number;
  to: number;
  amount: number;
}

/** The first row of every transfer; whether it is there tells what became of a transfer. */
export function ledgerOf({ id, amount }: Transfer): Ledger {
  return {
    there: "true",
    async write(client) {
      await client.query("INSERT INTO operation (id, amount) VALUES ($1, $2)", [id, amount]);
    },
    async holds(client) {
      return (await client.query("SELECT 1 FROM operation WHERE id = $1", [id])).rowCount === 1;
    },
  };
}

/** A statement and its parameters, in the order in which one transfer runs them. */
export function transferStatements({ id, from, to, amount }: Transfer): [sql: string, values: (string | number)[]][] {
  const move = "UPDATE account SET balance = balance + $2 WHERE id = $1";
  const note = "INSERT INTO entry (operation, account, delta) VALUES ($1, $2, $3)";
  return [
    [move, [from, -amount]],
    [note, [id, from, -amount]],
    [move, [to, amount]],
    [note, [id, to, amount]],
  ];
}

export interface History {
  committed: Set<string>;
  failed: Set<string>;
  unknown: Set<string>;
}

/** Compares what the writers were told with what the database holds. One sentence a violation. */
export async function audit(client: pg.Client, history: History): Promise<string[]> {
  const { rows } = await client.query<{ id: string; entries: number; xacts: number; sum: string }>(`
    SELECT id, count(entry)::integer AS entries, count(DISTINCT x)::integer AS xacts, coalesce(sum(delta), 0)::text AS sum
      FROM (SELECT o.id, e AS entry, e.delta, unnest(ARRAY[o.xact, e.xact]) AS x
              FROM operation AS o LEFT JOIN entry AS e ON e.operation = o.id) AS written
     GROUP BY id`);
  const written = new Map(rows.map((row) => [row.id, row]));
  const faults: string[] = [];
  for (const id of history.committed)
    if (!written.has(id)) faults.push(`${id} was reported committed and is not there.`);
  for (const id of history.failed) if (written.has(id)) faults.push(`${id} was reported failed and is there.`);
  for (const id of history.unknown) faults.push(`${id} has an unknown outcome.`);
  for (const { id, entries, xacts, sum } of rows) {
    // Each of the two entries stands twice: once with its own transaction and once with its operation's.
    if (entries !== 4 || sum !== "0") faults.push(`${id} is there in part.`);
    if (xacts !== 1) faults.push(`${id} was written by ${xacts} transactions.`);
  }
  return [...faults, ...(await crossed(client)), ...(await unbalanced(client))];
}

async function crossed(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ xact: string }>(`
    SELECT xact::text FROM (SELECT xact, id FROM operation UNION SELECT xact, operation FROM entry) AS written
     GROUP BY xact HAVING count(DISTINCT id) > 1`);
  const orphans = await client.query<{ operation: string }>(
    "SELECT operation FROM entry WHERE operation NOT IN (SELECT id FROM operation)",
  );
  return [
    ...rows.map(({ xact }) => `Transaction ${xact} committed statements of two operations.`),
    ...orphans.rows.map(({ operation }) => `An entry of ${operation} stands without its operation.`),
  ];
}

async function unbalanced(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ id: number }>(`
    SELECT id FROM account LEFT JOIN entry ON entry.account = account.id
     GROUP BY id, balance HAVING balance <> ${opening} + coalesce(sum(delta), 0)`);
  return rows.map(({ id }) => `The balance of account ${id} is not what its entries say.`);
}
