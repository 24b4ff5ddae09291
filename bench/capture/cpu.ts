import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type pg from "pg";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU time that a backend has used, user and system, in microseconds. The server must run on this machine. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The command's name stands in parentheses and may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000_000;
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
