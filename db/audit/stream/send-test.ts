import { and, eq, isNull } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control, controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreams } from "../../schema/exports.ts";
import { recordEvent } from "../record-event.ts";
import type { BatchEntry } from "./batch.ts";
import type { StreamTest } from "./contract.ts";
import { deliver } from "./deliver.ts";
import { streamLine } from "./line.ts";
import { openStreamSecret } from "./secret.ts";

type StreamRow = typeof auditStreams.$inferSelect;

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
  const stream = await standing(id);
  const entry = await testEntry(stream, actor);
  await inControl(actor, (_tx, client) =>
    recordEvent(client, { action: "stream-tested", resourceType: "audit_streams", resourceId: id }),
  );
  const started = performance.now();
  const outcome = await handOver(stream, entry);
  return { ...outcome, tookMs: Math.round(performance.now() - started) };
}

async function standing(id: string): Promise<StreamRow> {
  const [stream] = await control()
    .select()
    .from(auditStreams)
    .where(and(eq(auditStreams.id, id), isNull(auditStreams.removedAt)));
  if (stream) return stream;
  throw new Refusal("not_found", "There is no such stream.", { fix: "Look for it in the list of streams." });
}

/** Printed by the statement that prints entries, so that a receiver which reads it reads those. */
async function testEntry({ id, name, format }: StreamRow, actor: Actor): Promise<BatchEntry> {
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

async function handOver(stream: StreamRow, entry: BatchEntry): Promise<Omit<StreamTest, "tookMs">> {
  const secret = openStreamSecret(stream);
  const { id: streamId, target } = stream;
  try {
    const answer = await deliver({ streamId, target, secret, databaseId: testDatabase, entries: [entry] });
    return { delivered: true, answer, fix: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { delivered: false, answer: error.message, fix: error.fix ?? null };
  }
}
