import type { Leftovers } from "#db/moves/sweep/contract.ts";
import type { Application } from "../ledger/application.ts";
import type { Verdict } from "../run.ts";
import { allBlows, type Blow, type Cell } from "./matrix.ts";
import type { Played } from "./point.ts";

const unwritableMsMax = 30_000;

/** What the points came to. */
export class Tally {
  readonly figures = {
    points: 0,
    not_reached: 0,
    between_servers: 0,
    moved: 0,
    back: 0,
    resumed: 0,
    acknowledged: 0,
    interrupted: 0,
    lost: 0,
    changed: 0,
    resurrected: 0,
    unfinished: 0,
    leftovers: 0,
    /** What the sweeper finds in the whole fleet in the end, certain or not. */
    found_by_sweeper: 0,
    unwritable_ms_max: 0,
  };
  private readonly blows = new Map<Blow, number>(allBlows.map((blow) => [blow, 0]));
  private readonly states = new Set<string>();
  private readonly violations: string[] = [];

  note(cell: Cell, played: Played): void {
    const { figures } = this;
    if (played.struck) {
      figures.points += 1;
      this.blows.set(cell.blow, (this.blows.get(cell.blow) ?? 0) + 1);
      this.states.add(cell.state);
    } else figures.not_reached += 1;
    figures[played.ended] += 1;
    if (played.across) figures.between_servers += 1;
    for (const figure of ["resumed", "lost", "changed", "resurrected", "leftovers"] as const) {
      figures[figure] += played[figure];
    }
    for (const what of played.violations) this.wrong(`${played.label}: ${what}`);
  }

  /** A move that ended neither there nor back. */
  noteUnfinished(error: unknown): void {
    this.figures.unfinished += 1;
    this.wrong(error instanceof Error ? error.message : String(error));
  }

  /** Told at once: a long run that is ended by hand has told what it found. */
  private wrong(what: string): void {
    console.log(`  at point ${this.figures.points}: ${what}`);
    this.violations.push(what);
  }

  noteApplication({ writers, bulk, ledger }: Application): void {
    const { figures } = this;
    const all = [...writers, ...bulk];
    figures.acknowledged += ledger.acknowledged;
    figures.interrupted += all.reduce((sum, { interrupted }) => sum + interrupted, 0);
    figures.unwritable_ms_max = Math.max(figures.unwritable_ms_max, Math.round(ledger.longestGapMs));
    this.violations.push(...all.flatMap(({ unexpected }) => unexpected).slice(0, 3));
  }

  noteLeftovers({ certain, doubtful, silent }: Leftovers): void {
    // A database in which a tenant lived stays for its log.
    const found = [...certain, ...doubtful.filter(({ kind }) => kind !== "database")];
    this.figures.found_by_sweeper = found.length;
    this.violations.push(
      ...found.map(({ kind, name, databaseName, why }) => `Left: ${kind} ${name} in ${databaseName}: ${why}`),
      ...silent.map(({ name, reason }) => `The sweeper could not look into ${name}: ${reason}`),
    );
  }

  verdict(workersKilled: number): Verdict {
    const { unwritable_ms_max: longest } = this.figures;
    if (longest > unwritableMsMax) this.violations.push(`A tenant could not be written to for ${longest} ms.`);
    const blows = [...this.blows].map(([blow, count]) => [blow.replaceAll(" ", "_"), count] as const);
    return {
      figures: {
        ...this.figures,
        states_struck: this.states.size,
        workers_killed: workersKilled,
        ...Object.fromEntries(blows),
      },
      violations: this.violations,
    };
  }
}
