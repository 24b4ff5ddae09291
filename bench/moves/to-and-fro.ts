import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import type { MoveState, PlanMove } from "#db/moves/contract.ts";
import type { Application } from "../faults/ledger/application.ts";
import { begin, travel } from "../faults/moves/journey.ts";
import type { Leg } from "../faults/moves/matrix.ts";
import type { Others } from "./others.ts";

const withinMs = 300_000;

/** What moves of one kind came to, each list in milliseconds. */
export interface Felt {
  /** How long writers were held at each cutover, by the mover's clock. */
  pausesMs: number[];
  /** The slowest transaction of the tenant around each cutover, from its begin to its answer at either place. */
  waitsMs: number[];
  /** From the start of a move to the end of its completion. */
  movesMs: number[];
  /** The other tenants' transactions right before each move. */
  calmMs: number[];
  /** And from its start to the end of its completion, by the state that the move was in. */
  besideMs: Map<MoveState, number[]>;
}

const lookEveryMs = 100;

/** Moves the tenant to its new place and, the next time, back to the shared schema. Each move is cut over, reversed and cut over again. */
export async function moveToAndFro(
  application: Application,
  others: Others,
  target: PlanMove,
  moves: number,
  calmMs: number,
): Promise<Felt> {
  const felt: Felt = { pausesMs: [], waitsMs: [], movesMs: [], calmMs: [], besideMs: new Map() };
  for (let n = 0; n < moves; n += 1) {
    await others.took();
    await pause(calmMs);
    felt.calmMs.push(...(await others.took()));
    const begun = performance.now();
    const { id: moveId } = await begin(n % 2 === 0 ? target : { tenantId: target.tenantId, tier: "shared" });
    const ended = new AbortController();
    const beside = listen(others, moveId, felt, ended.signal);
    for (const leg of ["forward", "back", "forward"] as const) await cut(application, moveId, leg, felt);
    await go(moveId, "complete");
    felt.movesMs.push(performance.now() - begun);
    ended.abort();
    await beside;
  }
  return felt;
}

/** Sorts the other tenants' transactions by the state in which the move is when they have ended. */
async function listen(others: Others, moveId: string, { besideMs }: Felt, ended: AbortSignal): Promise<void> {
  for (let over = false; !over; ) {
    await pause(lookEveryMs);
    over = ended.aborted;
    const { rows } = await controlPool().query<{ state: MoveState }>("SELECT state FROM moves WHERE id = $1", [moveId]);
    const state = rows[0]?.state ?? "completed";
    besideMs.set(state, [...(besideMs.get(state) ?? []), ...(await others.took())]);
  }
}

/** Nobody strikes here: what fails is not mended. */
async function go(moveId: string, leg: Leg): Promise<void> {
  await travel(moveId, { legs: [leg], gone: () => [], mend: async () => false, known: async () => {}, withinMs });
}

async function cut(application: Application, moveId: string, leg: Leg, felt: Felt): Promise<void> {
  await go(moveId, leg);
  await pause(100); // for what waited and is repeated elsewhere
  const { rows } = await controlPool().query<{ pauseMs: number }>(
    'SELECT pause_ms AS "pauseMs" FROM moves WHERE id = $1',
    [moveId],
  );
  felt.pausesMs.push(rows[0]?.pauseMs ?? Number.NaN);
  felt.waitsMs.push(application.tenantTook().reduce((most, took) => Math.max(most, took), 0));
}
