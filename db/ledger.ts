import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Ledger } from "./outcome.ts";

/** The control database's ledger, and the one that adoption installs in a managed database. */
type Place = "public.operations" | "caretaker.operations";

/** A fresh id for one transaction, kept a day. A database that was installed before it had a ledger has none. */
export function ledgerIn(place: Place): Ledger {
  const id = randomUUID();
  return {
    there: thereSql(place),
    async write(client) {
      await client.query(`INSERT INTO ${place} (id) VALUES ($1)`, [id]);
    },
    async holds(client) {
      return (await client.query(`SELECT FROM ${place} WHERE id = $1`, [id])).rowCount === 1;
    },
  };
}

/** Forgets which transactions committed once nobody can still be waiting to know. Answers how many. */
export async function tidyLedger(client: pg.ClientBase, place: Place): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(`SELECT ${thereSql(place)} AS there`);
  if (!rows[0]?.there) return 0;
  const { rowCount } = await client.query(`DELETE FROM ${place} WHERE begun_at < now() - interval '1 day'`);
  return rowCount ?? 0;
}

/** Migrations make the console's own. The other is asked of the catalog, because to_regclass fails where a role may not look. */
function thereSql(place: Place): string {
  if (place === "public.operations") return "true";
  return `EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'caretaker' AND c.relname = 'operations' AND has_schema_privilege(n.oid, 'USAGE')
                     AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT'))`;
}
