import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const script = join(import.meta.dirname, "process.ts");

/** A worker of moves as a process of its own, which strikes at one of its statements. Where that kills it, another one follows. */
export class Worker {
  private child: ChildProcess;
  private said = "";
  private stopping = false;
  /** Processes that were killed. */
  readonly gone: number[] = [];

  constructor(at: number, how: string) {
    this.child = this.begin(at, how);
  }

  private begin(at: number, how: string): ChildProcess {
    const child = spawn(process.execPath, [script, String(at), how], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (text: Buffer) => {
      this.said += text;
    });
    child.on("exit", () => {
      if (this.stopping) return;
      this.gone.push(child.pid ?? 0);
      this.child = this.begin(0, "none");
    });
    return child;
  }

  /** The statements of the worker that is there at the end. */
  async stop(): Promise<number> {
    this.stopping = true;
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await gone;
    }
    const { statements = 0 } = JSON.parse(this.said.trim() || "{}") as { statements?: number };
    return statements;
  }
}
