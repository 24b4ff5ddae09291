import pg from "pg";
import { closeControl } from "#db/control.ts";
import { confirmModel } from "#db/databases/confirm.ts";
import { readIsolation } from "#db/databases/isolation/read.ts";
import { runIsolationCheck } from "#db/databases/isolation/run.ts";
import { proposeModel } from "#db/databases/propose.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import type { Bench } from "./bench.ts";

// Tables of a shared tier under row security, a fifth of them children that reach their tenant by their parent's policy, each
// with rows of 50 tenants; ten of them leak, one in each way. `check_s` is what a person waits for: everything read, tried and
// kept. It fails where a leak is missed or a tight table is called leaking.

const sizes = { small: { tables: 40, rows: 200 }, full: { tables: 140, rows: 20_000 } } as const;

const mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid";

/** One hole each, in the table of this number. */
const holes: ((table: string, role: string) => string)[] = [
  (table) => `CREATE POLICY wide ON ${table} FOR SELECT USING (true)`,
  (table) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
  (table) => `CREATE POLICY wide ON ${table} FOR UPDATE USING (true) WITH CHECK (true)`,
  (table) => `CREATE POLICY wide ON ${table} FOR DELETE USING (true)`,
  (table) => `CREATE POLICY wide ON ${table} FOR INSERT WITH CHECK (true)`,
  (table, role) => `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY, OWNER TO ${role}`,
  (table, role) => `CREATE VIEW ${table}_all AS SELECT * FROM ${table}; GRANT SELECT ON ${table}_all TO ${role}`,
  (table, role) =>
    `CREATE MATERIALIZED VIEW ${table}_kept AS SELECT * FROM ${table}; GRANT SELECT ON ${table}_kept TO ${role}`,
  (table) =>
    `CREATE FUNCTION ${table}_found() RETURNS SETOF ${table} LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.${table}'`,
  (table, role) => `GRANT TRUNCATE ON ${table} TO ${role}`,
];

export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  await freshControl();
  const url = await freshDatabase();
  const role = `bench_isolation_${process.pid}`;
  const { tables, rows } = sizes[size];
  const holed = await create(url, role, tables, rows);
  const databaseId = await registerDatabase(url);
  const actor = systemActor("bench isolation");
  try {
    const {
      evidence: _evidence,
      tenantsCandidates: _candidates,
      roles: _roles,
      ...model
    } = await proposeModel(actor, databaseId);
    await confirmModel(actor, { databaseId, model: { ...model, applicationRole: role } });
    const began = performance.now();
    await runIsolationCheck(actor, databaseId, { progress: async () => {}, signal: new AbortController().signal });
    const checkS = (performance.now() - began) / 1000;
    const { run, findings, relations } = await readIsolation(actor, databaseId);
    const critical = findings.filter(({ severity }) => severity === "critical").map(({ name }) => name);
    const isOf = (name: string, table: string): boolean => new RegExp(`(^|\\.)${table}(_[a-z]+(\\(\\))?)?$`).test(name);
    const missed = holed.filter((table) => !critical.some((name) => isOf(name, table)));
    const falseAlarms = critical.filter((name) => !holed.some((table) => isOf(name, table)));
    if (missed.length > 0 || falseAlarms.length > 0) {
      throw new Error(`Missed: ${missed.join(", ") || "none"}. False alarms: ${falseAlarms.join(", ") || "none"}.`);
    }
    return {
      figures: {
        check_s: Math.round(checkS * 100) / 100,
        tables,
        attempts: relations.reduce((sum, one) => sum + one.attempts, 0),
        leaks_found: holed.length - missed.length,
        leaks_planted: holed.length,
        false_alarms: falseAlarms.length,
        unproven: run?.unproven ?? 0,
      },
      tables: [],
    };
  } finally {
    await closeFleet();
    await closeControl();
  }
};

/** Answers the tables that leak. */
async function create(url: string, role: string, tables: number, rows: number): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE ROLE ${role} LOGIN; GRANT CREATE ON SCHEMA public TO ${role};
    CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, slug text NOT NULL UNIQUE);
    INSERT INTO tenants (name, slug) SELECT 'Tenant ' || n, 'tenant-' || n FROM generate_series(1, 50) AS n`);
  const holed: string[] = [];
  const every = Math.floor(tables / holes.length);
  for (let number = 1; number < tables; number += 1) {
    const table = `thing_${number}`;
    const child = number % 5 === 4;
    const parent = `thing_${number - 1}`;
    const owner = child
      ? `parent_id bigint NOT NULL REFERENCES ${parent}`
      : "tenant_id uuid NOT NULL REFERENCES tenants";
    const rule = child ? `EXISTS (SELECT FROM ${parent} AS parent WHERE parent.id = parent_id)` : mine;
    const source = child
      ? `${parent} ORDER BY id LIMIT ${rows}`
      : `tenants, generate_series(1, ${Math.ceil(rows / 50)})`;
    await client.query(`
      CREATE TABLE ${table} (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, ${owner}, title text NOT NULL, at timestamptz NOT NULL DEFAULT now());
      INSERT INTO ${table} (${child ? "parent_id" : "tenant_id"}, title) SELECT ${child ? "id" : "tenants.id"}, 'row' FROM ${source};
      CREATE INDEX ON ${table} (${child ? "parent_id" : "tenant_id"});
      ANALYZE ${table};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role};
      CREATE POLICY own ON ${table} USING (${rule}) WITH CHECK (${rule});
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
    const hole = holes[Math.floor(number / every)];
    if (number % every === 1 && hole) {
      await client.query(hole(table, role));
      holed.push(table);
    }
  }
  await client.end();
  return holed;
}
