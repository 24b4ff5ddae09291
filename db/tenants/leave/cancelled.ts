import type pg from "pg";

/** Work on a connection of its own whose statements have no timeout. When the job is cancelled its session is ended from beside it. */
export async function untilCancelled<T>(
  signal: AbortSignal,
  { beside, inside }: Record<"beside" | "inside", pg.Client>,
  work: () => Promise<T>,
): Promise<T> {
  const { rows } = await inside.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  signal.throwIfAborted();
  let ending: Promise<unknown> | null = null;
  const end = (): void => {
    ending = beside.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]).catch(() => {});
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", end);
    await ending;
  }
}
