import { randomUUID } from "node:crypto";
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreamCursors, auditStreams } from "../../schema/exports.ts";
import { filterOf } from "../export/filter.ts";
import { askedBy } from "../query/asked.ts";
import { placeNow } from "./batch.ts";
import type { CreateStream } from "./contract.ts";
import { beginning } from "./place.ts";
import { sealStreamSecret } from "./secret.ts";
import { targetOf } from "./target.ts";
import { webhookSecret } from "./webhook.ts";

/**
 * Begins to send on what the filter shows. A webhook's signing secret is made here and shown once.
 *
 * @throws Refusal `unreachable` when a database cannot be asked where "now" is.
 */
export async function createStream(actor: Actor, input: CreateStream): Promise<{ id: string; secret: string | null }> {
  authorise(actor, "audit.stream");
  const id = randomUUID();
  const asked = (await askedBy(filterOf(input.query))).map((database) => database.id);
  const places = await beginnings(id, asked, input.from);
  const made = input.kind === "webhook" ? webhookSecret() : null;
  const key = input.kind === "s3" ? input.secretAccessKey : made;
  const headers = input.kind === "webhook" ? input.headers : {};
  await inControl(actor, async (tx) => {
    await tx.insert(auditStreams).values({
      id,
      name: input.name,
      target: targetOf(input),
      secret: key && sealStreamSecret(id, { key, headers }),
      format: input.format,
      query: input.query,
      createdBy: actor.name,
    });
    if (places.length > 0) await tx.insert(auditStreamCursors).values(places);
  });
  return { id, secret: made };
}

/** Where a stream begins in each of these databases. */
export async function beginnings(
  streamId: string,
  databaseIds: readonly string[],
  from: CreateStream["from"],
): Promise<(typeof auditStreamCursors.$inferInsert)[]> {
  const places: (typeof auditStreamCursors.$inferInsert)[] = [];
  for (const databaseId of databaseIds) {
    const place = from === "now" ? await placeNow(databaseId) : beginning;
    places.push({ streamId, databaseId, ...place });
  }
  return places;
}

/** Sends nothing until it is resumed, and then everything that was committed meanwhile. */
export async function pauseStream(actor: Actor, { id }: { id: string }): Promise<void> {
  await change(actor, id, { pausedAt: sql`now()` }, isNull(auditStreams.pausedAt));
}

export async function resumeStream(actor: Actor, { id }: { id: string }): Promise<void> {
  await change(actor, id, { pausedAt: null }, isNotNull(auditStreams.pausedAt));
}

/** Ends a stream for good; its row stays, without the secret. */
export async function removeStream(actor: Actor, { id }: { id: string }): Promise<void> {
  await change(actor, id, { removedAt: sql`now()`, secret: null });
}

async function change(
  actor: Actor,
  id: string,
  values: { pausedAt?: ReturnType<typeof sql> | null; removedAt?: ReturnType<typeof sql>; secret?: null },
  only?: ReturnType<typeof isNull>,
): Promise<void> {
  authorise(actor, "audit.stream");
  await inControl(actor, async (tx) => {
    const { rowCount } = await tx
      .update(auditStreams)
      .set(values)
      .where(and(eq(auditStreams.id, id), isNull(auditStreams.removedAt), only));
    if (rowCount !== 1) {
      throw new Refusal("not_found", "There is no such stream, or it was changed meanwhile.", {
        fix: "Reload the list.",
      });
    }
  });
}
