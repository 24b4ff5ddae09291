import { type ChildProcess, fork } from "node:child_process";
import { bundle } from "./bundle.ts";

/** What is to be done, and where it is struck: see strike.ts. */
export interface Task {
  given: object;
  at: number;
  how: string;
}

/** How many statements it took, and what else the work answered; `error` is what it failed with. */
export interface Done {
  statements: number;
  error?: string;
}

/**
 * Does work in another process, which serves it as in-hand.ts says. What kills a process gets one of its own, whose connections are
 * new and whose caches are empty; the rest goes to one that stays, since starting takes longer than most of the work.
 */
export class Hand<Answer extends object = object> {
  private readonly script: string;
  private staying: ChildProcess | null = null;

  constructor(script: string) {
    this.script = script;
  }

  /** Strikes at the `at`-th statement, nowhere at 0. A killed process tells nothing but that. @throws when it ends in another way. */
  async run(given: object, at = 0, how = "none"): Promise<Done & Partial<Answer>> {
    if (how === "process") {
      const own = await this.start();
      return this.ask(own, { given, at, how }).finally(() => own.kill("SIGKILL"));
    }
    this.staying ??= await this.start();
    return this.ask(this.staying, { given, at, how });
  }

  end(): void {
    this.staying?.kill("SIGKILL");
    this.staying = null;
  }

  private async start(): Promise<ChildProcess> {
    return fork(await bundle(this.script), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  private ask(child: ChildProcess, task: Task): Promise<Done & Partial<Answer>> {
    return new Promise((resolve, reject) => {
      const answered = (done: Done & Partial<Answer>) => {
        child.off("exit", ended);
        resolve(done);
      };
      const ended = (code: number | null, signal: string | null) => {
        child.off("message", answered);
        if (signal === "SIGKILL") resolve({ statements: task.at } as Done & Partial<Answer>);
        else reject(new Error(`${this.script} ended by itself, with ${code ?? signal}.`));
      };
      child.once("message", answered);
      child.once("exit", ended);
      child.send(task);
    });
  }
}
