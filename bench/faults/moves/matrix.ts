import type { MoveState } from "#db/moves/contract.ts";

/** Which of the three servers a blow falls on, as the move sees it. */
export type End = "source" | "target" | "console";

export type Blow =
  | "kill worker"
  | "freeze worker"
  | "kill backend"
  | "end backend"
  | "kill server"
  | "cut network"
  | "cut answers"
  | "reset connections"
  | "lose connections"
  | "fill disk"
  | "hold a transaction"
  | "change a row"
  | "change a table";

export type Leg = "forward" | "back" | "complete" | "abort";

/** One point of the failure matrix: what is struck, where, and while the move is in which state. */
export interface Cell {
  state: MoveState;
  blow: Blow;
  end: End;
}

/** The states in which a worker has the move in hand, and a journey that leads through each. */
const journeys: Partial<Record<MoveState, Leg[][]>> = {
  preparing: [["forward", "complete"], ["abort"]],
  copying: [["forward", "complete"], ["abort"]],
  indexing: [["forward", "complete"]],
  catching_up: [["forward", "complete"]],
  verifying: [["forward", "complete"]],
  ready: [["forward", "complete"]],
  cutting: [
    ["forward", "complete"],
    ["forward", "back", "abort"],
  ],
  moved: [
    ["forward", "complete"],
    ["forward", "back", "forward", "complete"],
  ],
  reversing: [
    ["forward", "back", "abort"],
    ["forward", "back", "forward", "complete"],
  ],
  completing: [["forward", "complete"]],
  aborting: [["abort"], ["forward", "back", "abort"]],
};

const ends: End[] = ["source", "target", "console"];
const worker: End[] = ["source", "target", "console"];

/** Where each blow can fall. A worker is struck at its statement on that server. */
const blows: Record<Blow, { ends: End[]; states?: MoveState[] }> = {
  "kill worker": { ends: worker },
  "freeze worker": { ends: worker },
  "kill backend": { ends },
  "end backend": { ends },
  "kill server": { ends },
  "cut network": { ends },
  "cut answers": { ends },
  "reset connections": { ends },
  "lose connections": { ends },
  "fill disk": { ends: ["target"], states: ["preparing", "copying"] },
  "hold a transaction": { ends: ["source"], states: ["cutting", "reversing"] },
  "change a row": { ends: ["target"], states: ["catching_up"] },
  "change a table": { ends: ["source"], states: ["copying", "catching_up", "verifying"] },
};

export const allBlows = Object.keys(blows) as Blow[];

export function journeyTo(state: MoveState, chance: () => number): Leg[] {
  return pick(journeys[state] ?? [], chance);
}

/**
 * As many points as asked for: the states are gone through in turn, and within each the blows, so that few points already reach
 * every row and every column, and many reach every cell.
 */
export function* points(chance: () => number): Generator<Cell, never> {
  const bags = new Map<MoveState, Cell[]>();
  let turn = shuffled(allBlows, chance);
  for (;;) {
    for (const state of shuffled(Object.keys(journeys) as MoveState[], chance)) {
      if (!bags.get(state)?.length) bags.set(state, shuffled(cellsOf(state), chance));
      const bag = bags.get(state) ?? [];
      // The blow whose turn it is, where this state has it.
      const wanted = turn.map((blow) => bag.findIndex((cell) => cell.blow === blow)).find((at) => at >= 0) ?? 0;
      const [cell] = bag.splice(wanted, 1);
      if (!cell) continue;
      turn = [...turn.filter((blow) => blow !== cell.blow), cell.blow];
      yield cell;
    }
  }
}

function cellsOf(state: MoveState): Cell[] {
  return allBlows.flatMap((blow) => {
    const { ends: where, states } = blows[blow];
    return states && !states.includes(state) ? [] : where.map((end) => ({ state, blow, end }));
  });
}

export function pick<T>(among: readonly T[], chance: () => number): T {
  const found = among[Math.floor(chance() * among.length)];
  if (found === undefined) throw new Error("There is nothing to choose from.");
  return found;
}

function shuffled<T>(all: readonly T[], chance: () => number): T[] {
  return all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
