import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundle } from "../faults/bundle.ts";

interface Begin {
  what: "begin";
  applicationUrl: string;
  tenants: string[];
  restMs: number;
}

/** What is asked of others-process.ts. */
export type Asked = Begin | { what: "took" } | { what: "end" };

/**
 * The traffic of other tenants, in a process of its own: whatever else the benchmark does, such as asking how far a move is, would be
 * in the time that their transactions seem to take.
 */
export class Others {
  private readonly child: ChildProcess;

  static async start(traffic: Omit<Begin, "what">): Promise<Others> {
    return new Others(await bundle(join(import.meta.dirname, "others-process.ts")), { what: "begin", ...traffic });
  }

  private constructor(script: string, asked: Begin) {
    this.child = fork(script);
    this.child.send(asked);
  }

  /** How long each transaction took that ended since this was last asked, in milliseconds. */
  async took(): Promise<number[]> {
    const answer = once(this.child, "message");
    this.child.send({ what: "took" });
    const [took] = await answer;
    return took;
  }

  async end(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.send({ what: "end" });
    await gone;
  }
}
