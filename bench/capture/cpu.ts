import { readFile } from "node:fs/promises";
import type pg from "pg";

/**
 * CPU time that a backend has used, user and system, in microseconds, as the scheduler counts it (/proc/PID/schedstat has
 * nanoseconds where utime and stime have hundredths of a second). The server must run on this machine, on Linux.
 */
async function cpuOf(pid: number): Promise<number> {
  const [onCpu] = (await readFile(`/proc/${pid}/schedstat`, "utf8")).split(" ");
  return Number(onCpu) / 1000;
}

/** CPU microseconds a row that the client's backend spends on `work`; waiting for others costs nothing. */
export async function cpuPerRow(client: pg.Client, rows: number, work: () => Promise<void>): Promise<number> {
  const { rows: found } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const pid = found[0]?.pid;
  if (pid === undefined) throw new Error("The backend has no pid.");
  const before = await cpuOf(pid);
  await work();
  return ((await cpuOf(pid)) - before) / rows;
}
