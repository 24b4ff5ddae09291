import { desc, eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control, controlPool } from "../../control.ts";
import { consoleDatabase, listAdopted } from "../../fleet.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import { sealVerifications } from "../../schema/proof.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import type { ProofStanding } from "./contract.ts";
import { verifyJob } from "./jobs.ts";
import { verifierLines } from "./keys.ts";
import { readLog } from "./log.ts";

/** How every audited database's log stands: sealed how far, signed when, compared with what result. */
export async function proofStandings(actor: Actor): Promise<ProofStanding[]> {
  authorise(actor, "audit.read");
  const databases = [...(await listAdopted()), { id: consoleDatabase, name: "Console" }];
  return Promise.all(databases.map(({ id, name }) => proofStanding(id, name)));
}

/** The same of one database, for whoever has asked already who may. */
export async function proofStanding(databaseId: string, name: string): Promise<ProofStanding> {
  const [log, checkpoint, [newest]] = await Promise.all([
    readLog(controlPool(), databaseId),
    lastCheckpoint(controlPool(), databaseId),
    control()
      .select()
      .from(sealVerifications)
      .where(eq(sealVerifications.databaseId, databaseId))
      .orderBy(desc(sealVerifications.finishedAt))
      .limit(1),
  ]);
  return {
    databaseId,
    name,
    size: log?.size ?? 0,
    sealedAt: log?.sealedAt ?? null,
    unsealedSince: log?.unsealedSince ?? null,
    checkpoint,
    stopped: log?.stopped ?? null,
    verification: newest ?? null,
  };
}

/** The public keys, newest first, for whoever verifies. */
export async function publicKeys(actor: Actor): Promise<string[]> {
  authorise(actor, "audit.read");
  return verifierLines();
}

/** Compares one log with its tree as a job. Returns the job's id. */
export async function startVerification(
  actor: Actor,
  { databaseId }: { databaseId: string },
): Promise<{ jobId: string }> {
  authorise(actor, "audit.verify");
  return { jobId: await enqueue(actor, verifyJob(databaseId, await databaseNamed(databaseId))) };
}

/** What an audited database is called in a sentence. */
export async function databaseNamed(databaseId: string): Promise<string> {
  return (await listAdopted()).find(({ id }) => id === databaseId)?.name ?? "the console";
}
