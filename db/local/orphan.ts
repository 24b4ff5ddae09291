import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../errors.ts";
import { commandOf, isAlive, isGone, signal } from "./process.ts";

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
  signal(pid, first);
  if (await isGone(pid, 20_000)) return;
  signal(pid, "SIGQUIT");
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
