import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { MoveState } from "#db/moves/contract.ts";
import type { Move } from "#db/moves/move.ts";
import type { Blow, Cell, End } from "./matrix.ts";

/** Where a worker is to be struck: at its `at`-th statement of that state on that server, or at the first one after it. */
export interface Aim extends Cell {
  moveId: string;
  at: number;
}

/** What a worker tells: that its aim was reached, by which of the server's processes, or how many statements a state took. */
export type Told =
  | { kind: "struck"; moveId: string; blow: Blow; end: End; backend: number }
  | { kind: "counted"; counts: Record<string, number> };

/** A move in this worker's hands: it knows in which state each statement is made, and on which server. */
class Watched {
  private readonly counts: Record<string, number> = {};
  private state: MoveState;
  private reached = false;
  private readonly move: Move;
  private readonly aims: Map<string, Aim>;

  constructor(move: Move, aims: Map<string, Aim>) {
    this.move = move;
    this.state = move.state;
    this.aims = aims;
  }

  passes(client: pg.Client, given: unknown[]): void {
    for (const end of endsOf(client, this.move)) {
      const key = counted(this.state, end);
      this.counts[key] = (this.counts[key] ?? 0) + 1;
      const aim = this.aims.get(this.move.id);
      if (!aim || aim.end !== end) continue;
      this.reached ||= aim.state === this.state;
      const is = aim.state === this.state ? (this.counts[key] ?? 0) >= aim.at : this.reached;
      if (is) {
        this.aims.delete(this.move.id);
        strike(aim, client);
      }
    }
    this.state = turnsTo(given) ?? this.state;
  }

  tell(): void {
    process.send?.({ kind: "counted", counts: this.counts } satisfies Told);
  }
}

const context = new AsyncLocalStorage<Watched>();

/** From now on the statements of moves that run within `watch` are counted and struck. */
export function watchStatements(): void {
  const query = pg.Client.prototype.query;
  Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
    context.getStore()?.passes(this, given);
    return Reflect.apply(query, this, given);
  });
}

export async function watch<T>(move: Move, aims: Map<string, Aim>, work: () => Promise<T>): Promise<T> {
  const watched = new Watched(move, aims);
  const value = await context.run(watched, work);
  watched.tell();
  return value;
}

export function counted(state: MoveState, end: End): string {
  return `${state} ${end}`;
}

function endsOf(client: pg.Client, { from, to }: Move): End[] {
  const { port, database } = client;
  const name: unknown = Reflect.get(client, "connectionParameters");
  if (applicationOf(name) === "caretaker control") return ["console"];
  if (from.databaseId === to.databaseId) return ["source", "target"];
  return from.port === port && from.databaseName === database ? ["source"] : ["target"];
}

function applicationOf(parameters: unknown): unknown {
  return typeof parameters === "object" && parameters !== null ? Reflect.get(parameters, "application_name") : null;
}

/** The state that a statement of `turnState` turns the move to. */
function turnsTo([config, values]: unknown[]): MoveState | null {
  const text = typeof config === "string" ? config : textOf(config);
  if (!text.includes("SET state = $3, state_version") || !Array.isArray(values)) return null;
  return values[2] as MoveState;
}

function textOf(config: unknown): string {
  const text: unknown = typeof config === "object" && config !== null ? Reflect.get(config, "text") : null;
  return typeof text === "string" ? text : "";
}

/** What must happen at this very statement happens here; what takes longer is done by whoever aimed. */
function strike({ moveId, blow, end }: Aim, client: pg.Client): void {
  const backend = Number(Reflect.get(client, "processID"));
  process.send?.({ kind: "struck", moveId, blow, end, backend } satisfies Told);
  if (blow === "kill worker") process.kill(process.pid, "SIGKILL");
  if (blow === "freeze worker") process.kill(process.pid, "SIGSTOP");
  if (blow === "kill backend") process.kill(backend, "SIGKILL");
}
