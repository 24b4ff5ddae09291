import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { fleetPool } from "../fleet-pools.ts";
import { limits } from "../transaction.ts";
import { type CheckedTable, checkTable, type TableVerdict } from "./isolation/check-table.ts";
import { readStoredModel } from "./stored-model.ts";

export interface IsolationReport {
  role: string;
  checkedAt: string;
  tables: TableVerdict[];
  proven: number;
  leaking: number;
}

/**
 * Acts as the application's role with one tenant's context and tries to read, count, change, remove and plant another
 * tenant's rows, table by table. Everything happens in one transaction that is rolled back.
 */
export async function checkIsolation(actor: Actor, databaseId: string): Promise<IsolationReport> {
  authorise(actor, "databases.manage");
  const { model } = await readStoredModel(databaseId);
  const role = model.applicationRole;
  const tables = model.tables.flatMap(({ schema, name, class: kind, tenantColumn, rowSecurity }): CheckedTable[] =>
    kind === "tenant" && tenantColumn !== null ? [{ schema, name, tenantColumn, rowSecurity }] : [],
  );
  if (role === null) {
    throw new Refusal("unsupported", "The model does not say which role the application connects as.", {
      fix: "Choose the application's role in the model.",
    });
  }
  const { pool } = await fleetPool(databaseId);
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true), set_config('search_path', 'pg_catalog', true)",
      [String(limits.write.statement), String(limits.page.lock)],
    );
    await requireRole(client, role);
    const verdicts: TableVerdict[] = [];
    for (const table of tables) verdicts.push(await checkTable(client, role, table));
    const { rows } = await client.query<{ now: string }>("SELECT to_json(now()) #>> '{}' AS now");
    await client.query("ROLLBACK");
    client.release();
    return {
      role,
      checkedAt: rows[0]?.now ?? "",
      tables: verdicts,
      proven: verdicts.filter((one) => one.verdict === "proven").length,
      leaking: verdicts.filter((one) => one.verdict === "leaks").length,
    };
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

async function requireRole(client: pg.PoolClient, role: string): Promise<void> {
  const { rows } = await client.query<{ user: string; member: boolean }>(
    "SELECT current_user AS user, pg_has_role(oid, 'MEMBER') AS member FROM pg_roles WHERE rolname = $1",
    [role],
  );
  if (rows[0]?.member) return;
  const user = rows[0]?.user ?? "Caretaker's role";
  throw new Refusal("unsupported", `${user} may not act as ${role}, so the check cannot be made.`, {
    fix: `GRANT "${role}" TO "${user}";`,
  });
}
