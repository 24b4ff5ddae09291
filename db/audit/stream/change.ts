import { isDeepStrictEqual } from "node:util";
import { and, eq, isNull, notInArray, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, control, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreamCursors, auditStreams, type StreamTarget } from "../../schema/exports.ts";
import { filterOf } from "../export/filter.ts";
import { askedBy } from "../query/asked.ts";
import type { ChangeStream } from "./contract.ts";
import { beginnings } from "./manage.ts";
import { openStreamSecret, type StreamSecret, sealStreamSecret } from "./secret.ts";
import { sendTestBy } from "./send-test.ts";
import { type StreamRow, standingStream } from "./standing.ts";
import { targetOf } from "./target.ts";
import { webhookSecret } from "./webhook.ts";

/**
 * Gives a stream other settings; it goes on where it is. What changes about its delivery takes effect once the receiver has taken a
 * test event by it. A new signing secret is made where it is asked for, and shown once; the test is signed with the one before, which
 * the receiver has.
 *
 * @throws Refusal `stale_plan` when somebody changed it meanwhile, `unreachable` when the receiver does not take the test event, or a
 *   database that the filter takes in cannot be asked where "now" is. Nothing is changed then.
 */
export async function changeStream(actor: Actor, input: ChangeStream): Promise<{ id: string; secret: string | null }> {
  authorise(actor, "audit.stream");
  const { id, revision, name, format, query } = input;
  const stream = await standingStream(id);
  if (stream.revision !== revision) throw changedMeanwhile(stream.name);
  const before = { target: stream.target, secret: openStreamSecret(stream) };
  const after = receiverOf(input, before);
  const cursors = await cursorsAfter(stream, input);
  if (format !== stream.format || !isDeepStrictEqual(after, before)) {
    await requireTaken(actor, { id, revision, name, format, target: after.target }, after.secret);
  }
  const made = input.kind === "webhook" && input.newSecret ? webhookSecret() : null;
  const secret = made && after.secret ? { ...after.secret, key: made } : after.secret;
  // Sealed anew only where it was replaced, so that the log says of no secret that it changed when it did not.
  const sealed = isDeepStrictEqual(secret, before.secret) ? {} : { secret: secret && sealStreamSecret(id, secret) };
  await inControl(actor, async (tx) => {
    const { rowCount } = await tx
      .update(auditStreams)
      .set({ name, format, query, target: after.target, revision: revision + 1, ...sealed })
      .where(and(eq(auditStreams.id, id), eq(auditStreams.revision, revision), isNull(auditStreams.removedAt)));
    if (rowCount !== 1) throw changedMeanwhile(stream.name);
    await moveCursors(tx, id, cursors);
  });
  return { id, secret: made };
}

interface Receiver {
  target: StreamTarget;
  secret: StreamSecret | null;
}

/** A secret that is not given is the one that is kept, which goes to no other address. @throws Refusal `invalid` */
function receiverOf(input: ChangeStream, { target, secret }: Receiver): Receiver {
  if (input.kind === "syslog" && target.kind === "syslog") return { target: targetOf(input), secret: null };
  if (input.kind === "s3" && target.kind === "s3") {
    const isKept = input.endpoint === target.endpoint && input.accessKeyId === target.accessKeyId;
    const key = input.secretAccessKey || (isKept ? secret?.key : undefined);
    if (!key)
      throw missing("secretAccessKey", "The key that is kept is another id's or goes to another endpoint: give it.");
    return { target: targetOf(input), secret: { key, headers: {} } };
  }
  if (input.kind === "webhook" && target.kind === "webhook") {
    const headers = headersOf(input, target.url, secret?.headers ?? {});
    return { target: targetOf({ ...input, headers }), secret: { key: secret?.key ?? "", headers } };
  }
  throw new Refusal("invalid", `This stream is of the kind ${target.kind}, which does not change.`, {
    fix: "Create a stream of the other kind, beginning with what is in PostgreSQL, and remove this one.",
  });
}

function headersOf(
  { url, headers, noHeaders }: Extract<ChangeStream, { kind: "webhook" }>,
  before: string,
  kept: StreamSecret["headers"],
): StreamSecret["headers"] {
  if (noHeaders || Object.keys(headers).length > 0 || Object.keys(kept).length === 0) return headers;
  if (new URL(url).origin === new URL(before).origin) return kept;
  throw missing("headers", "Those that are kept go to no other address: give them again, or send none any more.");
}

function missing(field: string, message: string): Refusal {
  return new Refusal("invalid", message, { fieldErrors: { [field]: message } });
}

async function requireTaken(
  actor: Actor,
  stream: Parameters<typeof sendTestBy>[1],
  secret: StreamSecret | null,
): Promise<void> {
  const { delivered, answer, fix } = await sendTestBy(actor, stream, secret);
  if (delivered) return;
  throw new Refusal("unreachable", `Nothing was changed, since a test event did not arrive. ${answer}`, {
    ...(fix && { fix }),
  });
}

interface Cursors {
  /** The databases that the filter asks. */
  asked: string[];
  /** Where it begins in those that it did not ask before. */
  places: Awaited<ReturnType<typeof beginnings>>;
}

/** Null where the filter, and so the databases, stay the same. */
async function cursorsAfter({ id, query }: StreamRow, input: ChangeStream): Promise<Cursors | null> {
  const asked = (await askedBy(filterOf(input.query))).map((database) => database.id);
  if (input.query === query) return null;
  const rows = await control()
    .select({ databaseId: auditStreamCursors.databaseId })
    .from(auditStreamCursors)
    .where(eq(auditStreamCursors.streamId, id));
  const known = new Set(rows.map(({ databaseId }) => databaseId));
  const taken = asked.filter((databaseId) => !known.has(databaseId));
  return { asked, places: await beginnings(id, taken, input.from) };
}

/** Databases that the stream asks no more are forgotten; in the others it goes on where it is, at once. */
async function moveCursors(tx: Control, id: string, cursors: Cursors | null): Promise<void> {
  const own = eq(auditStreamCursors.streamId, id);
  if (cursors) {
    await tx.delete(auditStreamCursors).where(and(own, notInArray(auditStreamCursors.databaseId, cursors.asked)));
    if (cursors.places.length > 0) await tx.insert(auditStreamCursors).values(cursors.places).onConflictDoNothing();
  }
  await tx.update(auditStreamCursors).set({ failures: 0, error: null, nextTryAt: sql`now()` }).where(own);
}

function changedMeanwhile(name: string): Refusal {
  return new Refusal("stale_plan", `Somebody changed or removed ${name} meanwhile; nothing was changed.`, {
    fix: "Reload the page, and change what is there now.",
  });
}
