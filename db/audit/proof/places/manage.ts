import { randomUUID } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../../actor.ts";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { type CheckpointTarget, checkpointPlaces } from "../../../schema/proof.ts";
import { seal } from "../../../secrets/seal.ts";
import { bucketTarget } from "../../stream/bucket.ts";
import { webhookSecret } from "../../stream/webhook.ts";
import type { AddPlace } from "./contract.ts";
import { beginAtNewest } from "./cursors.ts";

/**
 * Begins to put checkpoints into a place: the newest of each log, which speaks of every entry before, and each that is signed from
 * then on. A webhook's signing secret is made here and shown once.
 */
export async function addPlace(actor: Actor, input: AddPlace): Promise<{ id: string; secret: string | null }> {
  authorise(actor, "audit.stream");
  const id = randomUUID();
  const made = input.kind === "webhook" ? webhookSecret() : null;
  const secret = input.kind === "s3" ? input.secretAccessKey : made;
  await inControl(actor, async (tx, client) => {
    const sealed = secret && seal(secret, id);
    const { name } = input;
    await tx
      .insert(checkpointPlaces)
      .values({ id, name, target: targetOf(input), secret: sealed, createdBy: actor.name });
    await beginAtNewest(client, id);
  });
  return { id, secret: made };
}

function targetOf(input: AddPlace): CheckpointTarget {
  switch (input.kind) {
    case "folder":
      return { kind: "folder", folder: input.folder };
    case "webhook":
      return { kind: "webhook", url: input.url };
    case "s3":
      return bucketTarget(input);
  }
}

/** Puts nothing more there. What is there stays; the row stays as well, without the secret. */
export async function removePlace(actor: Actor, { id }: { id: string }): Promise<void> {
  authorise(actor, "audit.stream");
  await inControl(actor, async (tx) => {
    const { rowCount } = await tx
      .update(checkpointPlaces)
      .set({ removedAt: sql`now()`, secret: null })
      .where(and(eq(checkpointPlaces.id, id), isNull(checkpointPlaces.removedAt)));
    if (rowCount !== 1) throw noPlace();
  });
}

export function noPlace(): Refusal {
  return new Refusal("not_found", "There is no such place for checkpoints.", {
    fix: "Look for it under Audit, Proof.",
  });
}
