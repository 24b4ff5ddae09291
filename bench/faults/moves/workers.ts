import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../bundle.ts";
import { type Aim, counted, type Told } from "./watched.ts";

export type Struck = Extract<Told, { kind: "struck" }>;

/** Workers of moves, each a process of its own with two moves at a time. Where one is killed, another one follows. */
export class Workers {
  private readonly children = new Set<ChildProcess>();
  private readonly aims = new Map<string, { aim: Aim; struck(told: Struck, worker: number): void }>();
  /** How many statements each state took on each server when it was last gone through. */
  private readonly counts = new Map<string, number>();
  private readonly script: string;
  private readonly env: NodeJS.ProcessEnv;
  private stopping = false;
  killed = 0;
  /** Processes that are killed or frozen: their leases need not be waited for. */
  readonly gone = new Set<number>();

  static async start(howMany: number, env: Record<string, string>): Promise<Workers> {
    return new Workers(await bundle(join(import.meta.dirname, "process.ts")), howMany, env);
  }

  private constructor(script: string, howMany: number, env: Record<string, string>) {
    this.script = script;
    this.env = { ...process.env, ...env };
    for (let n = 0; n < howMany; n += 1) this.begin();
  }

  private begin(): void {
    const child = fork(this.script, { env: this.env, execArgv: process.execArgv });
    this.children.add(child);
    child.on("message", (told: Told) => this.hear(told, child));
    child.on("error", () => {}); // one that was just killed is told nothing; the next one is
    child.on("exit", () => {
      this.children.delete(child);
      this.gone.add(child.pid ?? 0);
      if (this.stopping) return;
      this.killed += 1;
      this.begin();
    });
    for (const { aim } of this.aims.values()) child.send(aim);
  }

  private hear(told: Told, child: ChildProcess): void {
    if (told.kind === "counted") {
      for (const [key, count] of Object.entries(told.counts)) this.counts.set(key, count);
      return;
    }
    const aimed = this.aims.get(told.moveId);
    aimed?.struck(told, child.pid ?? 0);
    this.aims.delete(told.moveId);
    // The move was struck already, in another worker's hands: nobody would thaw this one.
    if (!aimed && told.blow === "freeze worker") child.kill("SIGCONT");
  }

  /** Strikes at a statement by chance of the move's state; answers when it was struck. `forget` ends the wait. */
  aim(at: Omit<Aim, "at">, chance: () => number): { struck: Promise<Struck & { worker: number }>; forget(): void } {
    const among = this.counts.get(counted(at.state, at.end)) ?? 5;
    const aim: Aim = { ...at, at: 1 + Math.floor(chance() * among) };
    const struck = new Promise<Struck & { worker: number }>((resolve) => {
      this.aims.set(aim.moveId, { aim, struck: (told, worker) => resolve({ ...told, worker }) });
    });
    for (const child of this.children) if (child.connected) child.send(aim);
    return { struck, forget: () => this.aims.delete(aim.moveId) };
  }

  /** A worker that stood still for a while, and whose moves others have taken over, goes on. */
  async thaw(worker: number, afterMs: number, patient: boolean): Promise<void> {
    if (!patient) this.gone.add(worker);
    await pause(afterMs);
    this.gone.delete(worker);
    process.kill(worker, "SIGCONT");
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const left = [...this.children].map((child) => once(child, "exit"));
    for (const child of this.children) child.kill("SIGKILL");
    await Promise.all(left);
  }
}
