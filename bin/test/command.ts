import { spawn } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

export interface Command {
  args: string[];
  env?: Record<string, string>;
}

/** Runs a Node program of this project with its output on our terminal; true when it ended well. */
export function succeeds({ args, env = {} }: Command): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...testEnvironment(), ...env } });
  const stop = () => child.kill("SIGTERM");
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return new Promise((done) => {
    child.once("error", (error) => {
      console.error(`${args[0]} could not be started: ${error.message}.`);
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

/** Nothing of the shell's own databases and keys reaches a test. */
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_URL|CARETAKER_.*|PG(?!BIN).*|E2E_PORT|PORT)$/.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: "test", NEXT_TELEMETRY_DISABLED: "1" };
}
