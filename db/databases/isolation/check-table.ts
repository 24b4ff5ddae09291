import pg from "pg";

export interface CheckedTable {
  schema: string;
  name: string;
  tenantColumn: string;
  rowSecurity: boolean;
}

export interface Attempt {
  what: string;
  /** Held: row security or a missing privilege stopped it. Unproven: something else did, so nothing is known. */
  outcome: "held" | "leaked" | "unproven";
  detail: string;
}

export interface TableVerdict {
  schema: string;
  name: string;
  verdict: "proven" | "leaks" | "unproven" | "unprotected";
  detail: string;
  attempts: Attempt[];
}

interface Pair {
  mine: string;
  other: string;
  mineCount: string;
}

/** Tries one table as the application's role. The caller's transaction is rolled back afterwards. */
export async function checkTable(client: pg.PoolClient, role: string, table: CheckedTable): Promise<TableVerdict> {
  const { schema, name } = table;
  if (!table.rowSecurity) {
    const detail = "Its row security is not part of the model: the application alone keeps tenants apart.";
    return { schema, name, verdict: "unprotected", detail, attempts: [] };
  }
  const pair = await findPair(client, table);
  if (!pair) {
    return { schema, name, verdict: "unproven", detail: "Fewer than two tenants have rows in it.", attempts: [] };
  }
  const attempts = await tryAll(client, role, table, pair);
  const worst =
    attempts.find(({ outcome }) => outcome === "leaked") ?? attempts.find(({ outcome }) => outcome === "unproven");
  if (!worst)
    return { schema, name, verdict: "proven", detail: `Tried with tenants ${pair.mine} and ${pair.other}.`, attempts };
  const detail = `Trying to ${worst.what}: ${worst.detail}.`;
  return { schema, name, verdict: worst.outcome === "leaked" ? "leaks" : "unproven", detail, attempts };
}

function names(table: CheckedTable): { relation: string; tenant: string } {
  const relation = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
  return { relation, tenant: pg.escapeIdentifier(table.tenantColumn) };
}

/** Two tenants that have rows and are not suspended, seen with Caretaker's own rights. */
async function findPair(client: pg.PoolClient, table: CheckedTable): Promise<Pair | null> {
  const { relation, tenant } = names(table);
  const notSuspended = `${tenant}::text NOT IN (SELECT tenant_key FROM caretaker.suspended_tenants)`;
  const { rows } = await client.query<Pair>(
    `SELECT mine.key AS mine, other.key AS other,
            (SELECT count(*) FROM ${relation} WHERE ${tenant}::text = mine.key)::text AS "mineCount"
       FROM (SELECT ${tenant}::text AS key FROM ${relation} WHERE ${notSuspended} LIMIT 1) AS mine
      CROSS JOIN LATERAL (SELECT ${tenant}::text AS key FROM ${relation} WHERE ${tenant}::text <> mine.key AND ${notSuspended} LIMIT 1) AS other`,
  );
  return rows[0] ?? null;
}

async function tryAll(client: pg.PoolClient, role: string, table: CheckedTable, pair: Pair): Promise<Attempt[]> {
  const { relation, tenant } = names(table);
  const columns = await writableColumns(client, table);
  const sql = {
    read: `SELECT count(*)::int AS seen FROM ${relation} WHERE ${tenant}::text <> $1`,
    count: `SELECT count(*)::text AS seen FROM ${relation}`,
    change: `UPDATE ${relation} SET ${tenant} = ${tenant} WHERE ${tenant}::text = $1`,
    remove: `DELETE FROM ${relation} WHERE ${tenant}::text = $1`,
    plant: `INSERT INTO ${relation} (${columns.map((column) => pg.escapeIdentifier(column)).join(", ")}) OVERRIDING SYSTEM VALUE
            SELECT ${columns.map((column) => (column === table.tenantColumn ? "moved.key" : `one.${pg.escapeIdentifier(column)}`)).join(", ")}
              FROM (SELECT * FROM ${relation} LIMIT 1) AS one
             CROSS JOIN (SELECT (jsonb_populate_record(NULL::${relation}, jsonb_build_object($2::text, $1::text))).${tenant} AS key) AS moved`,
  };
  const as = (tenantKey: string, work: () => Promise<Attempt>): Promise<Attempt> =>
    asTenant(client, role, tenantKey, work);
  return [
    await as(pair.mine, () => expectNone(client, "read another tenant's rows", sql.read, [pair.mine])),
    await as(pair.mine, () => expectCount(client, sql.count, pair.mineCount)),
    await as(pair.mine, () => expectUntouched(client, "change another tenant's rows", sql.change, [pair.other])),
    await as(pair.mine, () => expectUntouched(client, "remove another tenant's rows", sql.remove, [pair.other])),
    await as(pair.mine, () =>
      expectRefused(client, "plant a row with another tenant", sql.plant, [pair.other, table.tenantColumn]),
    ),
    await as("", () =>
      expectNone(client, "read without naming a tenant", `${sql.count.replace("::text", "::int")}`, []),
    ),
  ];
}

async function writableColumns(client: pg.PoolClient, table: CheckedTable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name
       FROM pg_attribute a
      WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ORDER BY a.attnum`,
    [names(table).relation],
  );
  return rows.map((row) => row.name);
}

/** Each attempt starts from the same state: a savepoint takes back its rows, its role and its tenant. */
async function asTenant(
  client: pg.PoolClient,
  role: string,
  tenantKey: string,
  work: () => Promise<Attempt>,
): Promise<Attempt> {
  await client.query("SAVEPOINT attempt");
  await client.query("SELECT set_config('app.current_tenant_id', $1, true)", [tenantKey]);
  await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
  const attempt = await work();
  await client.query("ROLLBACK TO SAVEPOINT attempt");
  return attempt;
}

type Outcome = {
  rows: { seen?: number | string }[];
  touched: number;
  refusal: { code: string; message: string } | null;
};

async function run(client: pg.PoolClient, sql: string, values: string[]): Promise<Outcome> {
  try {
    const { rows, rowCount } = await client.query<{ seen?: number | string }>(sql, values);
    return { rows, touched: rowCount ?? 0, refusal: null };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { rows: [], touched: 0, refusal: { code: error.code ?? "", message: error.message } };
  }
}

const insufficientPrivilege = "42501";

/** Without the privilege nothing can leak. A row that fails a constraint had already passed the policy. */
function refused(what: string, { code, message }: { code: string; message: string }): Attempt {
  if (code === insufficientPrivilege) return { what, outcome: "held", detail: "refused" };
  if (code.startsWith("23")) return { what, outcome: "leaked", detail: `only a constraint stopped it: ${message}` };
  return { what, outcome: "unproven", detail: `ended in another error: ${message}` };
}

async function expectNone(client: pg.PoolClient, what: string, sql: string, values: string[]): Promise<Attempt> {
  const { rows, refusal } = await run(client, sql, values);
  if (refusal) return refused(what, refusal);
  const seen = Number(rows[0]?.seen ?? 0);
  return {
    what,
    outcome: seen === 0 ? "held" : "leaked",
    detail: seen === 0 ? "saw none" : `saw ${seen} rows of others`,
  };
}

async function expectCount(client: pg.PoolClient, sql: string, expected: string): Promise<Attempt> {
  const what = "count more than its own rows";
  const { rows, refusal } = await run(client, sql, []);
  if (refusal) return refused(what, refusal);
  const seen = String(rows[0]?.seen ?? "");
  return {
    what,
    outcome: seen === expected ? "held" : "leaked",
    detail: seen === expected ? `counted its own ${seen}` : `counted ${seen}, and owns ${expected}`,
  };
}

async function expectUntouched(client: pg.PoolClient, what: string, sql: string, values: string[]): Promise<Attempt> {
  const { touched, refusal } = await run(client, sql, values);
  if (refusal) return refused(what, refusal);
  return {
    what,
    outcome: touched === 0 ? "held" : "leaked",
    detail: touched === 0 ? "touched none" : `touched ${touched} rows of another tenant`,
  };
}

async function expectRefused(client: pg.PoolClient, what: string, sql: string, values: string[]): Promise<Attempt> {
  const { refusal } = await run(client, sql, values);
  return refusal ? refused(what, refusal) : { what, outcome: "leaked", detail: "was admitted" };
}
