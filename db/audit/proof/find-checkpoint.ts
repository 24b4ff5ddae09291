import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { databaseNamed } from "./standing.ts";

export interface FoundCheckpoint {
  databaseName: string;
  /** Entries that it is about. */
  size: number;
}

/** The signed checkpoints whose root is this one, in base64 as a checkpoint prints it: one, unless databases hold the same tree. */
export async function findCheckpoints(actor: Actor, root: string): Promise<FoundCheckpoint[]> {
  authorise(actor, "audit.read");
  const { rows } = await controlPool().query<{ databaseId: string; size: number }>(
    `SELECT database_id AS "databaseId", size::float8 AS size FROM seal_checkpoints WHERE root = $1 ORDER BY signed_at DESC LIMIT 5`,
    [root],
  );
  return Promise.all(
    rows.map(async ({ databaseId, size }) => ({ databaseName: await databaseNamed(databaseId), size })),
  );
}
