import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase } from "../testing/databases.ts";
import { captureStatements, releaseStatements } from "./capture.ts";
import { installStatements, removeStatements } from "./install.ts";
import { readTables } from "./read-tables.ts";
import { dropRowSecurityStatements, rowSecurityStatements } from "./row-security.ts";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

const ddl = `
CREATE TABLE things (id integer PRIMARY KEY, tenant_id bigint, name text);
CREATE TABLE parts (id integer, day date) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
INSERT INTO things VALUES (1, 1, 'one'), (2, 2, 'two')`;

beforeAll(async () => {
  db = await CapturedDatabase.make(ddl);
});

afterAll(() => db.close());

describe("the log", () => {
  it("is append-only, for the owner too", async () => {
    await db.client.query("UPDATE things SET name = 'uno' WHERE id = 1");
    const { rows } = await db.client.query("SELECT tableoid::regclass::text AS part FROM caretaker.audit_logs LIMIT 1");
    for (const table of ["caretaker.audit_logs", rows[0]?.part]) {
      await expect(db.client.query(`UPDATE ${table} SET user_id = 'nobody'`)).rejects.toThrow(/append-only/);
      await expect(db.client.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only/);
      await expect(db.client.query(`TRUNCATE ${table}`)).rejects.toThrow(/append-only/);
    }
    await expect(
      db.client.query("SET session_replication_role = replica; DELETE FROM caretaker.audit_logs"),
    ).rejects.toThrow(/append-only/);
    await db.client.query("RESET session_replication_role");
  });

  it("is out of reach for the application, which writes to it only by writing to its own tables", async () => {
    const { client } = await db.newRole((role) => `GRANT SELECT, INSERT, UPDATE, DELETE ON things TO ${role}`);
    await client.query("INSERT INTO things VALUES (3, 1, 'three')");
    await client.query(
      "SET search_path = pg_temp, public; CREATE TEMP TABLE audit_logs (x int); UPDATE things SET name = 'drei' WHERE id = 3",
    );
    for (const sql of [
      "SELECT * FROM caretaker.audit_logs",
      "INSERT INTO caretaker.audit_logs SELECT * FROM caretaker.audit_logs",
      "SELECT * FROM caretaker.suspended_tenants",
      "SELECT nextval('caretaker.entry_sequence')",
      "SELECT caretaker.ensure_partitions(1)",
      "SELECT caretaker.circumstances()",
    ]) {
      await expect(client.query(sql)).rejects.toThrow(/permission denied/);
    }
    await client.query("CREATE TEMP TABLE forged (id integer, tenant_id bigint, name text)");
    const { rows } = await db.client.query("SELECT proname FROM pg_proc WHERE proname LIKE 'capture_things%insert'");
    await expect(
      client.query(
        `CREATE TRIGGER forge AFTER INSERT ON forged REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION caretaker.${rows[0]?.proname}()`,
      ),
    ).rejects.toThrow(/permission denied/);
  });

  it("gives ids in the order of events, which say in which millisecond the entry was made", async () => {
    const entries = await db.recorded(
      "INSERT INTO things SELECT i, 1, 'x' FROM generate_series(10, 60) AS i",
      "DELETE FROM things WHERE id >= 10",
    );
    const ids = entries.map((entry) => BigInt(entry.id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
    const { rows } = await db.client.query(
      "SELECT count(*)::int AS n FROM caretaker.audit_logs WHERE id >> 20 <> floor(extract(epoch FROM created_at) * 1000)::bigint",
    );
    expect(rows[0]?.n).toBe(0);
  });
});

describe("installing", () => {
  it("runs again without changing anything or losing an entry", async () => {
    const count = async () => (await db.client.query("SELECT count(*)::int AS n FROM caretaker.audit_logs")).rows[0]?.n;
    const before = await count();
    await db.run(installStatements({ owner: "postgres", createRoles: false }));
    for (const table of await readTables(db.client, "public")) {
      await db.run(captureStatements({ ...table, masked: [], ignored: [], tenant: null }));
    }
    expect(await count()).toBe(before);
    expect(await db.recorded("UPDATE things SET name = 'eins' WHERE id = 1")).toHaveLength(1);
  });

  it("releases one table and leaves the others captured", async () => {
    await db.run(releaseStatements({ schema: "public", name: "parts" }));
    const entries = await db.recorded(
      "INSERT INTO parts VALUES (1, '2026-01-02')",
      "INSERT INTO parts_1 VALUES (2, '2026-01-02')",
      "UPDATE things SET name = 'un' WHERE id = 1",
    );
    expect(entries.map((entry) => entry.resource_type)).toEqual(["things"]);
  });

  it("is undone without a trace", async () => {
    const plain = new pg.Client(await freshDatabase());
    await plain.connect();
    await plain.query(ddl);
    const adopted = await CapturedDatabase.make(ddl);
    const secured = { schema: "public", name: "things", tenantColumn: "tenant_id", tenantType: "bigint" };
    await adopted.run(rowSecurityStatements(secured, "postgres"));
    expect(await objectsOf(adopted.client)).not.toEqual(await objectsOf(plain));
    await adopted.run(dropRowSecurityStatements(secured));
    await adopted.run(removeStatements({ dropRoles: false }));
    expect(await objectsOf(adopted.client)).toEqual(await objectsOf(plain));
    await plain.end();
    await adopted.close();
  });
});

/** Every object that is not PostgreSQL's own, by name, with its privileges and row security. */
async function objectsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(`
    SELECT 'namespace ' || nspname || ' ' || coalesce(nspacl::text, '') AS object FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'
     UNION ALL
    SELECT concat_ws(' ', 'class', oid::regclass, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE oid >= 16384 AND relnamespace <> 'pg_toast'::regnamespace
     UNION ALL
    SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384
     UNION ALL
    SELECT concat_ws(' ', 'trigger', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL
    SELECT concat_ws(' ', 'policy', polname, polrelid::regclass) FROM pg_policy
     UNION ALL
    SELECT 'constraint ' || conname FROM pg_constraint WHERE oid >= 16384
     UNION ALL
    SELECT 'type ' || oid::regtype FROM pg_type WHERE oid >= 16384
     ORDER BY 1`);
  return rows.map((row) => row.object);
}
