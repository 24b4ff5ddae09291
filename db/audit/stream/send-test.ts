import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { recordEvent } from "../record-event.ts";
import type { BatchEntry } from "./batch.ts";
import type { StreamTest } from "./contract.ts";
import { type Delivery, deliver } from "./deliver.ts";
import { streamLine } from "./line.ts";
import { placeOf } from "./place-words.ts";
import { openStreamSecret, type StreamSecret } from "./secret.ts";
import { type StreamRow, standingStream } from "./standing.ts";

/** What the event gives as its database: no database has this id. */
const testDatabase = "test";

/**
 * Sends one event that says it is a test to a stream's receiver, in the stream's format and exactly as entries are sent, also while
 * the stream is paused. No cursor moves. That it was asked for is recorded before anything is sent.
 *
 * @throws Refusal `not_found`. What the receiver makes of it is the answer, and no refusal.
 */
export async function sendTest(actor: Actor, { id }: { id: string }): Promise<StreamTest> {
  authorise(actor, "audit.stream");
  const stream = await standingStream(id);
  return sendTestBy(actor, stream, openStreamSecret(stream));
}

/** The same by whichever settings, for whoever has asked already who may. */
export async function sendTestBy(
  actor: Actor,
  stream: Pick<StreamRow, "id" | "revision" | "name" | "format" | "target">,
  secret: StreamSecret | null,
): Promise<StreamTest> {
  const { id: streamId, revision, target } = stream;
  const entry = await testEntry(stream, actor);
  const metadata = { to: placeOf(target) };
  await inControl(actor, (_tx, client) =>
    recordEvent(client, { action: "stream-tested", resourceType: "audit_streams", resourceId: streamId, metadata }),
  );
  const started = performance.now();
  const outcome = await handOver({ streamId, revision, target, secret, databaseId: testDatabase, entries: [entry] });
  return { ...outcome, tookMs: Math.round(performance.now() - started) };
}

/** Printed by the statement that prints entries, so that a receiver which reads it reads those. */
async function testEntry(
  { id, name, format }: Pick<StreamRow, "id" | "name" | "format">,
  actor: Actor,
): Promise<BatchEntry> {
  const metadata = {
    test: true,
    stream: name,
    sent_by: actor.name,
    note: "A test of the stream. No log has this entry.",
  };
  const { rows } = await controlPool().query<BatchEntry>(
    `SELECT transaction_id::text AS "transactionId", audit_logs.id::text AS id, action,
            to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
            ${streamLine(format, "$2::text", "$2::text")} AS line
       FROM jsonb_populate_record(NULL::caretaker.audit_logs, $1::jsonb || jsonb_build_object(
              'created_at', now(), 'id', floor(extract(epoch FROM now()) * 1000)::bigint << 20)) AS audit_logs`,
    [
      JSON.stringify({
        transaction_id: "0",
        action: "test",
        resource_type: "audit_streams",
        resource_id: id,
        user_id: actor.staffId,
        metadata,
      }),
      testDatabase,
    ],
  );
  const [entry] = rows;
  if (!entry) throw new Error("PostgreSQL did not print the test event.");
  return entry;
}

async function handOver(delivery: Delivery): Promise<Omit<StreamTest, "tookMs">> {
  try {
    return { delivered: true, answer: await deliver(delivery), fix: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { delivered: false, answer: error.message, fix: error.fix ?? null };
  }
}
