import { eq } from "drizzle-orm";
import pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { erasures } from "../../schema/erasures.ts";
import { applyOperation, ordered, secretsOf } from "./apply.ts";
import { requirePlan } from "./plan/read.ts";
import { requireNotRun } from "./start.ts";
import { erasureRow, keptOf } from "./stored.ts";

export interface Rehearsal {
  hash: string;
  rows: number;
  /** What would have failed, statement by statement. */
  faults: { object: string; message: string }[];
}

/** Thrown at the end, so that nothing of it can commit. */
class Over extends Error {}

const rehearsalLimits = { statement: 60_000, lock: 2_000, idle: 30_000 };

/**
 * The dry run: every statement of the plan, with the database's own rules and the application's triggers, in a transaction that is
 * rolled back. A plan is only run after it passed.
 */
export async function rehearseErasure(actor: Actor, { id }: { id: string }): Promise<Rehearsal> {
  authorise(actor, "records.erase");
  const row = await erasureRow(id);
  requireNotRun(row);
  const { plan, operations } = requirePlan(row);
  const secrets = secretsOf(keptOf(row).words);
  const faults: Rehearsal["faults"] = [];
  let rows = 0;
  const attempt = async (client: pg.ClientBase, object: string, run: () => Promise<unknown>) => {
    await client.query("SAVEPOINT rehearsed");
    try {
      await run();
      await client.query("RELEASE SAVEPOINT rehearsed");
    } catch (error) {
      const message = messageOf(error);
      if (message === null) throw error;
      await client.query("ROLLBACK TO SAVEPOINT rehearsed");
      faults.push({ object, message });
    }
  };
  try {
    await inDatabase(
      actor,
      row.databaseId,
      async (client) => {
        for (const operation of ordered(operations)) {
          const object = `${operation.schema}.${operation.name}`;
          await attempt(client, object, async () => {
            rows += await applyOperation(client, operation, secrets);
          });
        }
        await attempt(client, "deferred rules", () => client.query("SET CONSTRAINTS ALL IMMEDIATE"));
        throw new Over("The rehearsal is over.");
      },
      { limits: rehearsalLimits, reason: "Rehearsal of an erasure" },
    );
  } catch (error) {
    if (!(error instanceof Over)) throw error;
  }
  await inControl(actor, (tx) =>
    tx
      .update(erasures)
      .set({ rehearsedHash: faults.length === 0 ? plan.hash : null })
      .where(eq(erasures.id, id)),
  );
  return { hash: plan.hash, rows, faults };
}

/** What PostgreSQL said, without the values that it names in its details. */
function messageOf(error: unknown): string | null {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? "")) return null;
  const where = error.constraint ? ` (${error.constraint})` : "";
  return /^2[23]/.test(error.code ?? "") ? `A rule of the table refuses it${where}: ${error.code}.` : error.message;
}
