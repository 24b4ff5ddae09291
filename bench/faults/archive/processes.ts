import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { controlPool } from "#db/control.ts";
import { patiently } from "./look.ts";

export async function startWorker(): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [join(import.meta.dirname, "worker.ts")], {
    env: process.env,
    stdio: ["ignore", "pipe", process.env.CARETAKER_FAULTS_VERBOSE ? "inherit" : "ignore"],
  });
  if (worker.stdout) await once(worker.stdout, "data");
  return worker;
}

export async function killWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill("SIGKILL");
  await once(worker, "exit");
}

/** Ends one of the backends at work with SIGKILL, where this account may; PostgreSQL then recovers as after a power failure. */
export async function killBackend(url: string, next: () => number): Promise<void> {
  const client = new pg.Client(url);
  client.on("error", () => {}); // it goes with the server that it ends
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'caretaker%' AND backend_type = 'client backend' ORDER BY pid",
    );
    const victim = rows[Math.floor(next() * rows.length)];
    if (!victim) return;
    if (!killed(victim.pid)) await client.query("SELECT pg_terminate_backend($1)", [victim.pid]);
  } finally {
    await client.end().catch(() => {}); // the server may be gone already
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EPERM") return false;
    throw error;
  }
}

/** What fifteen seconds would do: the killed worker's lease has run out. */
export async function overdue(id: string): Promise<void> {
  await patiently(() => controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1", [id]));
}

/** Waits until the job is over; false when it gave up, because a database was away for too long. */
export async function settled(id: string): Promise<boolean> {
  for (const deadline = performance.now() + 120_000; performance.now() < deadline; await pause(100)) {
    const { rows } = await patiently(() =>
      controlPool().query<{ state: string; error: string | null }>("SELECT state, error FROM jobs WHERE id = $1", [id]),
    );
    const [job] = rows;
    if (job?.state === "done") return true;
    if (job?.state === "failed") {
      process.stderr.write(`${job.error}\n`);
      return false;
    }
  }
  throw new Error("The month was not moved within two minutes.");
}
