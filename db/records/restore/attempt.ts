import pg from "pg";
import type { Work } from "./work.ts";

/** What PostgreSQL says about values that do not fit: data exceptions and broken rules. */
function isMisfit(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? "");
}

/** Runs what may meet values that do not fit. Then nothing of it was done, and PostgreSQL's reason is the answer. */
export async function attempt<T>({ client }: Work, run: () => Promise<T>): Promise<{ done: T } | { refused: string }> {
  await client.query("SAVEPOINT attempt");
  try {
    const done = await run();
    await client.query("RELEASE SAVEPOINT attempt");
    return { done };
  } catch (error) {
    if (!isMisfit(error)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT attempt");
    await client.query("RELEASE SAVEPOINT attempt");
    return { refused: error.message };
  }
}
