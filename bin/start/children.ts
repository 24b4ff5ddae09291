import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { drainMsMost } from "#db/jobs/work.ts";
import { isAlive, isGone, signal, startOf } from "#db/local/process.ts";
import { writeWhole } from "./folder.ts";

export interface Child {
  name: string;
  command: string[];
  env: NodeJS.ProcessEnv;
}

interface Running {
  stop(): Promise<void>;
}

/** A worker lets its jobs go on for a while and then hands them over, which takes it a little longer. */
const endMsMax = drainMsMost + 5_000;
const restartsMax = 5;
const restartWindowMs = 60_000;

/**
 * Keeps processes running: one that ends is started again, and one that ends five times in a minute is given up, which
 * calls `onGivenUp`. Their process ids are kept in `file`, so that the next run can end those of a killed one.
 */
export function supervise(children: Child[], file: string, onGivenUp: (name: string) => void): Running {
  const running = new Map<string, ChildProcess>();
  let stopping = false;
  let written = Promise.resolve();

  function start(child: Child, ends: number[]): void {
    const [program = "", ...args] = child.command;
    const started = spawn(program, args, { env: child.env, stdio: ["ignore", "inherit", "inherit"], detached: true });
    running.set(child.name, started);
    written = written.then(remember);
    started.once("error", (error) =>
      console.error(`The ${child.name} process could not be started: ${error.message}.`),
    );
    started.once("close", (code, by) => {
      if (stopping) return;
      const recent = [...ends.filter((at) => at > Date.now() - restartWindowMs), Date.now()];
      if (recent.length > restartsMax) return onGivenUp(child.name);
      console.error(`The ${child.name} process ended (${by ?? `code ${code}`}); starting it again.`);
      setTimeout(() => stopping || start(child, recent), 500 * recent.length);
    });
  }

  async function remember(): Promise<void> {
    const pids = [...running.values()].flatMap(({ pid }) => pid ?? []);
    const lines = await Promise.all(pids.map(async (pid) => `${pid} ${await startOf(pid)}`));
    await writeWhole(file, lines.join("\n"));
  }

  for (const child of children) start(child, []);
  return {
    async stop() {
      stopping = true;
      await written;
      await Promise.all([...running.values()].map(({ pid }) => (pid ? end(pid) : undefined)));
    },
  };
}

/** Ends the processes that a killed run left behind. */
export async function endLeftovers(file: string): Promise<void> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
  await Promise.all(
    lines.map(async (line) => {
      const [pid, started] = line.split(" ");
      if (isAlive(Number(pid)) && (await startOf(Number(pid))) === started) await end(Number(pid));
    }),
  );
}

async function end(pid: number): Promise<void> {
  signal(pid, "SIGTERM");
  if (await isGone(pid, endMsMax)) return;
  signal(pid, "SIGKILL");
  await isGone(pid, 5_000);
}
