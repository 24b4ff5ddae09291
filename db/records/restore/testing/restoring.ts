import type { Actor } from "../../../actor.ts";
import type { Adopted } from "../../../testing/adopted.ts";
import type { Sizes } from "../chunks.ts";
import type { Choice, PlanRestore, RestorePlan, RestoreResult } from "../contract.ts";
import { planRestoreInput } from "../contract.ts";
import { planRestore } from "../plan.ts";
import { runRestore } from "../run.ts";

export type Asked = Omit<Partial<PlanRestore>, "choices"> & {
  /** By the kind's code alone, where there is one kind of it. */
  choose?: Record<string, Choice>;
  choices?: Partial<PlanRestore["choices"]>;
};

/** What tests do with restores in one database. */
export function restoring(db: () => Adopted, actor: () => Actor) {
  const sql = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await db().client.query<Row>(text, values)).rows;

  async function plan({ choose = {}, ...asked }: Asked): Promise<RestorePlan> {
    const first = await planRestore(actor(), planRestoreInput.parse({ database: db().id, ...asked }));
    const kinds = Object.entries(choose).map(([code, choice]) => {
      const kind = first.problems.find((problem) => problem.key === code || problem.code === code);
      if (!kind) throw new Error(`The plan has no problem ${code}: ${first.problems.map(({ key }) => key).join(", ")}`);
      return [kind.key, choice] as const;
    });
    if (kinds.length === 0) return first;
    const choices = { rows: {}, ...asked.choices, kinds: { ...asked.choices?.kinds, ...Object.fromEntries(kinds) } };
    return planRestore(actor(), planRestoreInput.parse({ database: db().id, ...asked, choices }));
  }

  return {
    sql,
    plan,
    run: (planned: RestorePlan, as: Actor = actor(), sizes?: Sizes): Promise<RestoreResult> =>
      runRestore(as, { plan: planned.hash, reason: "Customer asked" }, sizes),
    /** Plans and runs at once. */
    restore: async (asked: Asked): Promise<RestoreResult & { plan: RestorePlan }> => {
      const planned = await plan(asked);
      return { ...(await runRestore(actor(), { plan: planned.hash, reason: "Customer asked" })), plan: planned };
    },
    /** The entry that deleted a record last. */
    deletionOf: async (table: string, record: string): Promise<string> => {
      const rows = await sql<{ id: string }>(
        `SELECT id::text FROM caretaker.audit_logs WHERE action = 'delete' AND resource_type = $1 AND resource_id = $2
          ORDER BY audit_logs.id DESC LIMIT 1`,
        [table, record],
      );
      return rows[0]?.id ?? "";
    },
    /** The transaction that deleted last. */
    lastDeletion: async (): Promise<string> => {
      const rows = await sql<{ xact: string }>(
        `SELECT transaction_id::text AS xact FROM caretaker.audit_logs
          WHERE action = 'delete' OR changes ? 'deleted_at' ORDER BY audit_logs.id DESC LIMIT 1`,
      );
      return rows[0]?.xact ?? "";
    },
    receipts: (restore: string) =>
      sql<Record<string, unknown>>("SELECT * FROM caretaker.restored_rows WHERE restore_id = $1 ORDER BY n", [restore]),
  };
}

/** The codes of what stands in the way, with what each is about. */
export function codes(plan: RestorePlan): string[] {
  return plan.problems.map(({ code, subject }) => `${code} ${subject}`).toSorted();
}
