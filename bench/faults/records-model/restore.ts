import type pg from "pg";
import { Refusal } from "#db/errors.ts";
import { systemActor } from "#db/mint.ts";
import type { Choice, Choices, Offer, PlanRestore, RestorePlan } from "#db/records/restore/contract.ts";
import { planRestoreInput } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";

const actor = systemActor("faults");

export type Input = Partial<PlanRestore> & { database: string };

export function plan(input: Input): Promise<RestorePlan> {
  return planRestore(actor, planRestoreInput.parse(input));
}

/** Runs the plan; a refusal is an answer. */
export async function run(planned: RestorePlan): Promise<{ restore: string } | { refused: string; said: string }> {
  try {
    return await runRestore(actor, { plan: planned.hash, reason: "faults" });
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.code, said: error.message };
    throw error;
  }
}

/**
 * Chooses by chance for every kind of problem that is open, then again for what that led to, and leaves at last every row that is
 * in the way still. A plan must come to rest so.
 */
export async function settle(input: Input, first: RestorePlan, chances: readonly number[]): Promise<RestorePlan> {
  let planned = first;
  const choices: Choices = { kinds: {}, rows: {} };
  for (let round = 0; planned.status === "open"; round++) {
    if (round === 8)
      throw new Error(`The plan stays open: ${planned.problems.map(({ key, open }) => `${key} ${open}`).join(", ")}`);
    for (const kind of planned.problems.filter(({ open }) => open > 0)) {
      const offers = kind.offers.filter((offer) => offer !== "point" && offer !== "write");
      const offer: Offer = round < 2 ? (offers[(chances[round] ?? 0) % offers.length] ?? "skip") : "skip";
      if (choices.kinds[kind.key] === undefined && round < 2) choices.kinds[kind.key] = { do: offer } as Choice;
      else {
        for (const { row, settled } of kind.examples) {
          if (!settled) choices.rows[row] = { ...choices.rows[row], [kind.key]: { do: "skip" } };
        }
      }
    }
    planned = await plan({ ...input, choices });
  }
  return planned;
}

/** Where a restore starts from, in the form that it takes for an entry or for a row with a mark. */
export async function refOf(
  client: pg.Client,
  schema: string,
  table: string,
  key: string,
  transaction: string,
  hard: boolean,
): Promise<string> {
  if (!hard) return `${schema}.${table}:${key}`;
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text AS id FROM caretaker.audit_logs
      WHERE resource_schema = $1 AND resource_type = $2 AND resource_id = $3 AND transaction_id = $4::text::xid8 AND action = 'delete'
      ORDER BY audit_logs.id DESC LIMIT 1`,
    [schema, table, key, transaction],
  );
  return rows[0]?.id ?? "";
}

export interface Receipt {
  act: string;
  origin: string;
  table: string;
  record: string;
  done: boolean;
  equal: boolean;
  differing: string[];
}

export async function receiptsOf(client: pg.Client, restore: string): Promise<Receipt[]> {
  const { rows } = await client.query<Receipt>(
    `SELECT act, origin, table_name AS "table", record, done_at IS NOT NULL AS done, before_hash IS NOT DISTINCT FROM row_hash AS equal, differing
       FROM caretaker.restored_rows WHERE restore_id = $1 ORDER BY n`,
    [restore],
  );
  return rows;
}
