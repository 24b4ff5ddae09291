import { and, eq, isNull } from "drizzle-orm";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditStreams } from "../../schema/exports.ts";

export type StreamRow = typeof auditStreams.$inferSelect;

/** @throws Refusal `not_found` when it is removed, or never was. */
export async function standingStream(id: string): Promise<StreamRow> {
  const [stream] = await control()
    .select()
    .from(auditStreams)
    .where(and(eq(auditStreams.id, id), isNull(auditStreams.removedAt)));
  if (stream) return stream;
  throw new Refusal("not_found", "There is no such stream.", { fix: "Look for it in the list of streams." });
}
