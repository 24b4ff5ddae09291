import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Actor } from "../../../actor.ts";
import { control } from "../../../control.ts";
import { purgePolicies, purgeRuns } from "../../../schema/purges.ts";
import { Pace } from "../purge/pace.ts";
import { purge } from "../purge/run.ts";

/** A policy as two people would have left it, without the dry run and the approval. */
export async function policy(
  databaseId: string,
  table: string,
  more: Partial<typeof purgePolicies.$inferInsert> = {},
): Promise<string> {
  const [row] = await control()
    .insert(purgePolicies)
    .values({
      ...{ databaseId, schema: "public", table, deletion: "soft", graceDays: 30, reason: "for a test" },
      ...{ onAt: new Date().toISOString(), ...more },
    })
    .returning({ id: purgePolicies.id });
  return row?.id ?? "";
}

export async function forgetPolicies(): Promise<void> {
  await control().update(purgePolicies).set({ replacedAt: sql`now()` });
}

/** One run, as a worker does it, in batches of so many rows at first. */
export async function run(
  actor: Actor,
  databaseId: string,
  more: { id?: string; rows?: number; signal?: AbortSignal } = {},
): Promise<{ removed: number; notes: string[]; lines: string[] }> {
  const id = more.id ?? randomUUID();
  await control().insert(purgeRuns).values({ id, databaseId, dry: false }).onConflictDoNothing();
  const pace = new Pace();
  pace.rows = more.rows ?? pace.rows;
  const lines: string[] = [];
  const job = {
    id,
    actor,
    signal: more.signal ?? new AbortController().signal,
    progress: async () => {},
    log: (line: string) => lines.push(line),
  };
  return { ...(await purge(job, databaseId, { pace })), lines };
}
