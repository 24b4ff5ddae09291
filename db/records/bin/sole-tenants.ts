import { anyoneLeft } from "../../audit/tenant-places.ts";
import { askAll, type Silent } from "../../fleet.ts";
import { limits } from "../../transaction.ts";

interface Taken {
  transaction: string | null;
  tenant: string | null;
}

/**
 * Of rows that a cascade took, and that may be in the log without their tenant: by transaction, the tenant of all that went with them,
 * where that is one. Nobody asks where no tenant has left the database.
 */
export async function soleTenants(
  databaseId: string,
  rows: readonly Taken[],
): Promise<{ tenants: Map<string, string>; silent: Silent[] }> {
  const unsaid = rows.flatMap(({ transaction, tenant }) => (tenant === null ? (transaction ?? []) : []));
  if (unsaid.length === 0 || !(await anyoneLeft(databaseId))) return { tenants: new Map(), silent: [] };
  const { answers, silent } = await askAll(
    [databaseId],
    async (client) => {
      const { rows: found } = await client.query<{ transaction: string; tenant: string }>(
        `SELECT transaction_id::text AS transaction, min(tenant_id) AS tenant FROM caretaker.audit_logs
          WHERE transaction_id = ANY ($1::text[]::xid8[]) AND action = 'delete' AND tenant_id IS NOT NULL
          GROUP BY transaction_id HAVING count(DISTINCT tenant_id) = 1`,
        [[...new Set(unsaid)]],
      );
      return found;
    },
    limits.page.statement,
  );
  const found = answers.flatMap(({ value }) => value);
  return { tenants: new Map(found.map(({ transaction, tenant }) => [transaction, tenant])), silent };
}
