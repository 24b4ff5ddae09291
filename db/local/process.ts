import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that ended and that nobody has taken leave of (a container without init) still has its number. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0) && statOf(pid)?.[0] !== "Z";
}

/** Sends a signal; false when there is no such process. One that we may not signal counts as there. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return !isAlive(pid);
}

/**
 * When a process started, in whatever unit the system tells it. Process numbers are used again; a number together
 * with its start is not.
 */
export async function startOf(pid: number): Promise<string> {
  return statOf(pid)?.[19] ?? ps(pid, "lstart=");
}

/** The fields of /proc/PID/stat from the state on; null where there is no such process or no /proc. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

export async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
  return text ?? ps(pid, "command=");
}

async function ps(pid: number, column: string): Promise<string> {
  return promisify(execFile)("ps", ["-o", column, "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim().replaceAll(/\s+/g, "_"),
    () => "gone",
  );
}
