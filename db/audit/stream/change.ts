import { createHash } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { canonical } from "../../canonical.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreamCursors, auditStreams, type StreamTarget } from "../../schema/exports.ts";
import type { ChangeStream } from "./contract.ts";
import { openStreamSecret, sealStreamSecret } from "./secret.ts";
import { targetOf } from "./target.ts";
import { webhookSecret } from "./webhook.ts";

type StreamRow = typeof auditStreams.$inferSelect;

/** Tells two states of a stream's settings apart. Of its secrets it hashes what is sealed, which nobody can guess at. */
export function settingsSeen({ name, target, format, secret }: StreamRow): string {
  return createHash("sha256")
    .update(canonical([name, target, format, secret]))
    .digest("hex")
    .slice(0, 32);
}

/**
 * Sends on to another place, or as somebody else, from where the stream is: its cursors stay, so that nothing is left out. The batch
 * that is under way ends where it began to go. A new signing secret is made where it is asked for, and shown once.
 *
 * @throws Refusal `stale_plan` when somebody changed it meanwhile.
 */
export async function changeStream(actor: Actor, input: ChangeStream): Promise<{ id: string; secret: string | null }> {
  authorise(actor, "audit.stream");
  const made = input.kind === "webhook" && input.newSecret ? webhookSecret() : null;
  await inControl(actor, async (tx) => {
    const [row] = await tx
      .select()
      .from(auditStreams)
      .where(and(eq(auditStreams.id, input.id), isNull(auditStreams.removedAt)))
      .for("update");
    if (row?.target.kind !== input.kind) {
      throw new Refusal("not_found", "There is no such stream.", { fix: "Look for it in the list of streams." });
    }
    if (settingsSeen(row) !== input.seen) {
      throw new Refusal("stale_plan", "Somebody changed this stream meanwhile.", {
        fix: "Reload the page, and change what is there now.",
      });
    }
    const { target, secret } = settingsOf(row, input, made);
    const { name, format } = input;
    await tx.update(auditStreams).set({ name, format, target, secret }).where(eq(auditStreams.id, row.id));
    // What the old settings kept waiting is tried with the new ones at once.
    await tx.update(auditStreamCursors).set({ nextTryAt: sql`now()` }).where(eq(auditStreamCursors.streamId, row.id));
  });
  return { id: input.id, secret: made };
}

function settingsOf(
  row: StreamRow,
  input: ChangeStream,
  made: string | null,
): { target: StreamTarget; secret: string | null } {
  const known = openStreamSecret(row) ?? { key: "", headers: {} };
  if (input.kind === "syslog") return { target: targetOf(input), secret: null };
  if (input.kind === "s3") {
    const secret =
      input.secretAccessKey === "" ? row.secret : sealStreamSecret(row.id, { ...known, key: input.secretAccessKey });
    return { target: targetOf(input), secret };
  }
  const given = Object.keys(input.headers).length > 0;
  const headers = given || input.noHeaders ? input.headers : known.headers;
  const isSame = made === null && headers === known.headers;
  return {
    target: targetOf({ ...input, headers }),
    secret: isSame ? row.secret : sealStreamSecret(row.id, { key: made ?? known.key, headers }),
  };
}
