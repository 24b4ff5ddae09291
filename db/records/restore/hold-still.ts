import type pg from "pg";
import { relation } from "../../managed/statement.ts";

/**
 * Holds what a restore relies on until the transaction ends: no other restore writes to these tables, and nobody alters them.
 * The application's own reads and writes go on.
 */
export async function holdStill(client: pg.ClientBase, tables: readonly string[]): Promise<void> {
  for (const name of tables.toSorted()) {
    const [schema = "", ...rest] = name.split(".");
    const table = relation(schema, rest.join("."));
    await client.query("SELECT pg_advisory_xact_lock(hashtext('caretaker.restore'), hashtext($1))", [name]);
    const { rows } = await client.query<{ found: boolean }>("SELECT to_regclass($1) IS NOT NULL AS found", [table]);
    if (rows[0]?.found) await client.query(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
  }
}
