import pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase, withDatabase } from "../../fleet.ts";
import { managedTablesOf } from "../managed.ts";
import { quoteTable } from "../row-key.ts";
import { tableShape } from "../table-shape.ts";
import { type BuiltPlan, buildPlan } from "./build.ts";
import type { RestorePlan, RestoreResult, RunRestore } from "./contract.ts";
import { proofSql } from "./statements.ts";

/**
 * Restores one row as planned, in one transaction that holds the table's shape and the row still while it looks again:
 * when the world is not the planned one any more nothing is done. The database's own triggers record the restore.
 *
 * @throws Refusal `stale_plan` when the plan no longer holds, `conflict` when a problem of it is not settled.
 */
export async function runRestore(actor: Actor, input: RunRestore): Promise<RestoreResult> {
  authorise(actor, "records.restore");
  const { id, name } = await auditedDatabase(input.database);
  const managed = await managedTablesOf(id);
  const place = { id, name, managed };
  const { plan } = await withDatabase(id, (client) => buildPlan(client, place, input, false));
  requireSame(plan, input.planHash);
  try {
    return await inDatabase(
      actor,
      id,
      async (client) => {
        await client.query(`LOCK TABLE ${quoteTable({ schema: plan.schema, name: plan.table })} IN ROW EXCLUSIVE MODE`);
        const built = await buildPlan(client, place, input, true);
        requireSame(built.plan, input.planHash);
        return write(client, built);
      },
      { reason: input.reason, tenantId: plan.tenant },
    );
  } catch (error) {
    throw asRefusal(error);
  }
}

function requireSame(plan: RestorePlan, planHash: string): void {
  if (plan.hash !== planHash) {
    throw new Refusal(
      "stale_plan",
      "Something changed since this plan was shown: the row, its table or a row that it depends on.",
      {
        fix: "Look at the new plan first.",
      },
    );
  }
  const open = plan.problems.find(({ settled }) => !settled);
  if (open) throw new Refusal("conflict", open.message, { fix: "Settle every problem of the plan first." });
}

async function write(client: pg.PoolClient, { plan, image, written }: BuiltPlan): Promise<RestoreResult> {
  const { rows } = await client.query<{ row: string }>(plan.statement.sql, [
    plan.kind === "hard" ? image : plan.record,
  ]);
  const [standing] = rows;
  if (!standing || rows.length !== 1) {
    throw new Refusal("conflict", `The database wrote ${rows.length} rows instead of one, so nothing was restored.`, {
      fix: "Row security or a trigger of the table keeps the row out; an administrator of the database can say which.",
    });
  }
  const table = await tableShape(client, plan.schema, plan.table);
  if (!table) throw new Error("A locked table has vanished.");
  const compared = plan.kind === "hard" ? written : table.columns.map(({ name }) => name);
  const { rows: proofs } = await client.query<{ plannedHash: string; rowHash: string; differing: string[] }>(
    proofSql(table),
    [image, standing.row, compared],
  );
  const [proof] = proofs;
  if (!proof) throw new Error("The restored row could not be compared.");
  const { database, schema, table: name, record } = plan;
  const entry = await ownEntry(client, plan);
  return { database, schema, table: name, record, entry, ...proof, proven: proof.plannedHash === proof.rowHash };
}

/** The audit entry that this transaction just made for the row; null when the table is not audited. */
async function ownEntry(client: pg.PoolClient, { schema, table, record }: RestorePlan): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text AS id FROM caretaker.audit_logs
      WHERE transaction_id = pg_current_xact_id() AND resource_schema = $1 AND resource_type = $2
        AND resource_id IS NOT DISTINCT FROM $3
      ORDER BY audit_logs.id DESC LIMIT 1`,
    [schema, table, record],
  );
  return rows[0]?.id ?? null;
}

/** What the database itself refuses, in words; a defect stays what it was. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const detail = error.detail ?? error.message;
  if (error.code?.startsWith("23")) {
    return new Refusal("conflict", `The database refused the row: ${detail}`, {
      fix: "Look at the plan again.",
      cause: error,
    });
  }
  if (error.code === "42501") {
    return new Refusal("unsupported", `The console's role may not write this row: ${error.message}`, {
      fix: "Grant it INSERT and UPDATE on the table, and BYPASSRLS where row security is forced.",
      cause: error,
    });
  }
  if (error.code === "55P03") {
    return new Refusal("timeout", "The row or its table is locked by somebody else.", {
      fix: "Try again in a moment.",
      cause: error,
    });
  }
  return error;
}
