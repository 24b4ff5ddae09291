import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

type Transaction = Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];

/** Records what is no row change, in the transaction that does it: both happen, or neither. */
export async function logEvent(
  tx: Transaction,
  action: string,
  about: { type?: string; id?: string; metadata?: Record<string, unknown> } = {},
): Promise<void> {
  const metadata = JSON.stringify(about.metadata ?? {});
  await tx.execute(
    sql`SELECT caretaker.log_event(${action}, ${about.type ?? null}, ${about.id ?? null}, ${metadata}::jsonb)`,
  );
}

// await db.transaction(async (tx) => {
//   await tx.execute(sql`SELECT caretaker.set_context(user_id => ${userId}, tenant_id => ${tenantId})`);
//   await logEvent(tx, "export", { type: "invoices", metadata: { rows: 1200, format: "csv" } });
// });
