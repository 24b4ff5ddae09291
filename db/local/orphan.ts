import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "../errors.ts";

/**
 * Stops the server that an earlier, killed run left behind, and clears a postmaster.pid whose number now belongs to
 * some other program: PostgreSQL itself would refuse to start in both cases.
 */
export async function stopOrphan(cluster: string): Promise<void> {
  const pid = await postmasterPid(cluster);
  if (pid === null) return;
  if (!(await isServerOf(pid, cluster))) return rm(join(cluster, "postmaster.pid"), { force: true });
  await endServer(pid);
}

/** Fast shutdown, then, after 20 s, an immediate one (which the next start recovers from). */
export async function endServer(pid: number, first: "SIGINT" | "SIGQUIT" = "SIGINT"): Promise<void> {
  send(pid, first);
  if (await isGone(pid, 20_000)) return;
  send(pid, "SIGQUIT");
  if (await isGone(pid, 10_000)) return;
  throw new Refusal("timeout", `The PostgreSQL server of process ${pid} does not stop.`, {
    fix: `Stop it with kill -9 ${pid} and start again.`,
  });
}

async function postmasterPid(cluster: string): Promise<number | null> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : null;
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command.includes("postgres") && command.includes(cluster);
}

async function commandOf(pid: number): Promise<string> {
  const fromProc = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
  if (fromProc !== null) return fromProc;
  const { stdout } = await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]);
  return stdout;
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

export function isAlive(pid: number): boolean {
  return send(pid, 0);
}

/** False when there is no such process; one that we may not signal is alive. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
