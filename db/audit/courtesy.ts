import type pg from "pg";
import { withDatabase } from "../fleet.ts";
import type { Silent } from "./contract.ts";

/**
 * Reads what an answer can do without, such as names. Where the database does not answer, the answer stands without it, and
 * `missed` says which database kept what. A reader who has left gets none.
 */
export async function orWithout<T>(
  database: { id: string; name: string },
  kept: string,
  missed: Silent[],
  read: (client: pg.PoolClient) => Promise<T>,
  otherwise: T,
  options: Parameters<typeof withDatabase>[2] = {},
): Promise<T> {
  try {
    return await withDatabase(database.id, read, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    missed.push({ databaseId: database.id, name: database.name, reason, kept });
    return otherwise;
  }
}
