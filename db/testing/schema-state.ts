import { execFileSync } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { machineBinaries } from "../local/binaries.ts";

/** Everything about a database's schema that adoption could touch, one line an object. */
export async function schemaState(url: string): Promise<string[]> {
  const rows = await query<{ line: string }>(
    url,
    `SELECT format('%s %s %s rls=%s/%s acl=%s options=%s triggers=%s', c.relkind, n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   c.relacl, c.reloptions, (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid)) AS line
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT format('policy %s on %s', polname, polrelid::regclass) FROM pg_policy
     UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
     UNION ALL SELECT format('function %s %s', p.oid::regprocedure, p.proacl) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     UNION ALL SELECT format('schema %s %s', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)'
     UNION ALL SELECT format('default acl %s', defaclacl) FROM pg_default_acl
     UNION ALL SELECT format('event trigger %s', evtname) FROM pg_event_trigger
     UNION ALL SELECT format('extension %s', extname) FROM pg_extension
     ORDER BY 1`,
  );
  return rows.map((row) => row.line);
}

/** pg_dump's own word, where this machine has one that is not older than the server; else null. */
export async function schemaDump(url: string): Promise<string | null> {
  const [row] = await query<{ major: number }>(
    url,
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  );
  const tools = (await machineBinaries()).find((one) => one.major >= (row?.major ?? 0));
  if (!tools) return null;
  const text = execFileSync(join(tools.directory, "pg_dump"), ["--schema-only", "--dbname", url], { encoding: "utf8" });
  return text.replaceAll(/^\\(un)?restrict .*$/gm, "");
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
