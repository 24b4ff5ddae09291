import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Output } from "./output.ts";

export const root = join(import.meta.dirname, "..", "..");

export interface Command {
  args: string[];
  env?: Record<string, string>;
}

/** Runs a Node program of this project; true when it ended well. What it says goes to `output`. */
export function succeeds({ args, env = {} }: Command, output: Output): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...testEnvironment(), ...env },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.write(chunk));
  const stop = () => child.kill("SIGTERM");
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return new Promise((done) => {
    child.once("error", (error) => {
      output.write(`${args[0]} could not be started: ${error.message}.\n`);
      done(false);
    });
    child.once("close", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      done(code === 0);
    });
  });
}

/** The path of a package's command, to be run by this Node. */
export function packageFile(path: string): string {
  return join(root, "node_modules", path);
}

/** Nothing of the shell's own databases and keys reaches a test; copies of foreign schemas do (docs/benchmarks.md). */
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(DATABASE_(?:URL|PASSWORD)|CARETAKER_(?!PAGILA_SQL|DOCUMENSO_MIGRATIONS).*|PG(?!BIN).*|E2E_PORT|PORT)$/.test(
        name,
      ),
  );
  const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  return { ...Object.fromEntries(kept), ...colour, NODE_ENV: "test", NEXT_TELEMETRY_DISABLED: "1" };
}
