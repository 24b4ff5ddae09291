import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { Refusal } from "#db/errors.ts";
import { systemActor } from "#db/mint.ts";
import { type PlanRestore, planRestoreInput } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";
import type { Adopted } from "#db/testing/adopted.ts";

const actor = systemActor("faults");

/** Two contenders for the same rows, begun at nearly the same moment. */
export interface Race {
  /** Makes what they contend for, and what each of them does. */
  begin(db: Adopted, app: pg.Client): Promise<[first: () => Promise<unknown>, second: () => Promise<unknown>]>;
  /** Refusals that the loser may get. */
  refusals: readonly string[];
  /** Whether both may win, because one found nothing to do any more. */
  bothMayWin?: boolean;
  /** SQL that answers `whole`, given who won as booleans $1 and $2: whether what stands is what the winner leaves. */
  whole: string;
}

export interface Outcome {
  firstWon: boolean;
  secondWon: boolean;
  /** How long the first was at it. */
  tookMs: number;
  /** One sentence for whatever is not as it must be. */
  violation: string | null;
}

/** Runs a race once. The second begins at any moment of the time that the first took the last time, or a little later. */
export async function runRace(
  race: Race,
  { db, app }: { db: Adopted; app: pg.Client },
  lastMs: number,
  chance: () => number,
): Promise<Outcome> {
  const [first, second] = await race.begin(db, app);
  const begun = performance.now();
  let tookMs = 0;
  const [one, other] = await Promise.allSettled([
    first().finally(() => (tookMs = performance.now() - begun)),
    pause(lastMs * 1.3 * chance()).then(second),
  ]);
  const [firstWon, secondWon] = [one.status === "fulfilled", other.status === "fulfilled"];
  const { rows } = await db.client.query<{ whole: boolean }>(race.whole, [firstWon, secondWon]);
  return { firstWon, secondWon, tookMs, violation: violationOf(race, [one, other], rows[0]?.whole === true) };
}

function violationOf(race: Race, results: PromiseSettledResult<unknown>[], whole: boolean): string | null {
  const won = results.filter(({ status }) => status === "fulfilled").length;
  const losers = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const strange = losers.find((reason) => !race.refusals.includes(codeOf(reason)));
  if (strange !== undefined) return `the loser was refused as ${codeOf(strange)}: ${String(strange)}`;
  if (won === 0) return `neither won: ${losers.map(codeOf).join(", ")}`;
  if (won === 2 && !race.bothMayWin) return "both won";
  return whole ? null : `what stands is half of it, ${won} won`;
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return error instanceof pg.DatabaseError ? (error.code ?? "") : "none";
}

export async function planned(db: Adopted, from: Partial<PlanRestore>): Promise<string> {
  const { hash, status } = await planRestore(actor, planRestoreInput.parse({ database: db.id, ...from }));
  if (status !== "clean") throw new Error(`A race begins with a plan that is ${status}.`);
  return hash;
}

export async function restored(db: Adopted, from: Partial<PlanRestore>): Promise<string> {
  return (await runRestore(actor, { plan: await planned(db, from), reason: "faults" })).restore;
}

export const restoring = (plan: string) => () => runRestore(actor, { plan, reason: "faults" });

/** The transaction that deleted last. */
export async function lastDeletion({ client }: Adopted): Promise<string> {
  const { rows } = await client.query<{ xact: string }>(
    "SELECT transaction_id::text AS xact FROM caretaker.audit_logs WHERE action = 'delete' ORDER BY audit_logs.id DESC LIMIT 1",
  );
  return rows[0]?.xact ?? "";
}
