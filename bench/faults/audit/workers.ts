import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../bundle.ts";

/** What a worker process of a fault run does: see worker-process.ts. */
export type Duty = ["jobs", "export" | "archive"] | ["seal", databaseId: string];

/** One worker at work and one that has started and waits, so that a killed one is followed at once. */
export class Workers {
  private readonly begin: () => ChildProcess;
  private current: ChildProcess;
  private standby: ChildProcess;

  /** `url` is the control database as the workers reach it. */
  static async start(url: string, duty: Duty): Promise<Workers> {
    return new Workers(await bundle(join(import.meta.dirname, "worker-process.ts")), url, duty);
  }

  private constructor(script: string, url: string, duty: Duty) {
    const verbose = process.env.CARETAKER_FAULTS_VERBOSE ? "inherit" : "ignore";
    this.begin = () =>
      fork(script, duty, {
        env: { ...process.env, DATABASE_URL: url },
        stdio: ["ignore", verbose, verbose, "ipc"],
      });
    this.current = this.begin();
    this.current.send("work");
    this.standby = this.begin();
  }

  /** At this very instant. */
  kill(): void {
    this.current.kill("SIGKILL");
  }

  /** Waits for the killed one's end. */
  gone(): Promise<void> {
    return gone(this.current);
  }

  /** The one that waited goes to work, once the killed one is gone. */
  async follow(): Promise<void> {
    await gone(this.current);
    this.current = this.standby;
    this.current.send("work");
    this.standby = this.begin();
  }

  /** Holds the worker still, so that nothing moves while somebody looks. */
  freeze(): void {
    this.current.kill("SIGSTOP");
  }

  thaw(): void {
    this.current.kill("SIGCONT");
  }

  async end(): Promise<void> {
    for (const worker of [this.current, this.standby]) worker.kill("SIGKILL");
    await Promise.all([gone(this.current), gone(this.standby)]);
  }
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  await pause(0);
}
