import { isMarked, keyOf, type Laid, pointsTo, type Row } from "./layout.ts";

/** The rows of each table by their keys. */
export type State = Map<string, Row>[];

/** What happened to one row, whose image is how it stood before. */
export interface Happened {
  what: "removed" | "marked" | "cleared";
  /** Counts on over the whole case. */
  at: number;
  deletion: number;
  table: number;
  key: string;
  image: Row;
  /** Of a pointer that was taken away: the foreign key, and the columns that changed, as they were and as they became. */
  pointer: { foreign: number; was: Row; became: Row } | null;
}

/** What one transaction removed, marked, or took the pointer from. */
export interface Deletion {
  transaction: string;
  happened: Happened[];
}

/** The plain model: what stands, and what was deleted until now. It knows nothing of how restores are done. */
export class World {
  state: State;
  readonly deletions: Deletion[] = [];
  readonly tables: readonly Laid[];
  private clock = 0;

  constructor(tables: readonly Laid[], state: State) {
    this.tables = tables;
    this.state = state;
  }

  /** Takes in a transaction by how all stood before it and after each of its statements. */
  take(transaction: string, states: readonly State[], doubtful: Doubtful[] = []): void {
    const deletion: Deletion = { transaction, happened: [] };
    for (const next of states) {
      deletion.happened.push(...this.differences(this.state, next, doubtful));
      this.state = next;
    }
    if (deletion.happened.some(({ what }) => what !== "cleared")) this.deletions.push(deletion);
  }

  private differences(before: State, after: State, doubtful: Doubtful[]): Happened[] {
    const found: Happened[] = [];
    const happened = (what: Happened["what"], table: number, key: string, image: Row, pointer: Happened["pointer"]) => {
      found.push({ what, at: ++this.clock, deletion: this.deletions.length, table, key, image, pointer });
      return found.at(-1);
    };
    for (const table of this.tables) {
      for (const [key, was] of before[table.at] ?? []) {
        const is = after[table.at]?.get(key);
        if (is === undefined) {
          const event = happened("removed", table.at, key, was, null);
          if (event && this.mayHaveLost(table, was, before, after)) doubtful.push(event);
          continue;
        }
        if (!isMarked(table, was) && isMarked(table, is)) happened("marked", table.at, key, was, null);
        table.foreign.forEach((foreign, at) => {
          const changed = foreign.columns.filter((name) => was[name] !== is[name]);
          const taken = foreign.onDelete === "SET DEFAULT" || changed.some((name) => is[name] === null);
          if (changed.length === 0 || !taken || pointsTo(foreign, was) === null) return;
          happened("cleared", table.at, key, was, { foreign: at, was: pick(was, changed), became: pick(is, changed) });
        });
      }
    }
    return found;
  }

  /** Whether one statement may have taken the row's pointer before it took the row: the database chooses the order. */
  private mayHaveLost(table: Laid, was: Row, before: State, after: State): boolean {
    return table.foreign.some((foreign) => {
      const parent = foreign.onDelete.startsWith("SET") ? pointsTo(foreign, was) : null;
      return parent !== null && before[foreign.to]?.has(parent) && !after[foreign.to]?.has(parent);
    });
  }

  /** The newest removal of a row; undefined for one that never went. */
  removalOf(table: number, key: string): Happened | undefined {
    return this.deletions
      .flatMap(({ happened }) => happened)
      .findLast((event) => event.what === "removed" && event.table === table && event.key === key);
  }

  /** A deletion by number: mostly one of which something is deleted still. */
  deletionBy(number: number): Deletion | undefined {
    const gone = this.deletions.filter(({ happened }) =>
      happened.some(({ what, table, key }) => {
        const [laid, row] = [this.tables[table], this.state[table]?.get(key)];
        return what !== "cleared" && laid !== undefined && (row === undefined || isMarked(laid, row));
      }),
    );
    const among = number % 6 === 5 || gone.length === 0 ? this.deletions : gone;
    return among[number % Math.max(among.length, 1)];
  }

  /** What is in the bin: rows that were removed and are not there again, and rows that stand with a mark. */
  bin(): string[] {
    const removed = this.deletions
      .flatMap(({ happened }) => happened)
      .filter(({ what, table, key }) => what === "removed" && !this.state[table]?.has(key))
      .map(({ table, key }) => `hard ${this.tables[table]?.name} ${key}`);
    const marked = this.tables.flatMap((table) =>
      [...(this.state[table.at] ?? [])].flatMap(([key, row]) =>
        isMarked(table, row) ? [`soft ${table.name} ${key}`] : [],
      ),
    );
    return [...new Set([...removed, ...marked])].toSorted();
  }
}

/** A removal whose image only the log can tell. */
export type Doubtful = Happened;

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

export function byKey(table: Laid, rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(table, row), row]));
}
