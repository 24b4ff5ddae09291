import { and, eq, isNull } from "drizzle-orm";
import type { Actor } from "../../../actor.ts";
import { type Control, control, inControl } from "../../../control.ts";
import type { Door } from "../../../managed/door.ts";
import { closedDatabases } from "../../../schema/erasures.ts";

export type Closing = typeof closedDatabases.$inferSelect;

/** How a database was closed that was not opened since; null when it was not. */
export async function closingOf(databaseId: string, tx: Control = control()): Promise<Closing | null> {
  const [row] = await tx
    .select()
    .from(closedDatabases)
    .where(and(eq(closedDatabases.databaseId, databaseId), isNull(closedDatabases.openedAt)));
  return row ?? null;
}

/** Every database that was closed and not opened since. */
export function closings(): Promise<Closing[]> {
  return control().select().from(closedDatabases).where(isNull(closedDatabases.openedAt));
}

interface Place {
  database: string;
  from: string;
  reason: string;
}

/** Notes what is about to be taken, beside what was taken before: a database that is restored once more has its first rights again. */
export async function noteClosing(
  actor: Actor,
  { database, from, reason }: Place,
  { borrows, grants }: Pick<Door, "borrows" | "grants">,
): Promise<{ closing: Closing; isNew: boolean }> {
  return inControl(
    actor,
    async (tx) => {
      const known = await closingOf(database, tx);
      const both = [...grants, ...(known?.grants ?? [])];
      const all = both.filter((one, at) => both.findIndex(({ role }) => role === one.role) === at);
      const [closing] = known
        ? await tx
            .update(closedDatabases)
            .set({ grants: all, lent: known.lent || borrows, fromId: from })
            .where(eq(closedDatabases.id, known.id))
            .returning()
        : await tx
            .insert(closedDatabases)
            .values({ databaseId: database, fromId: from, grants, lent: borrows, reason, closedBy: actor.name })
            .returning();
      if (!closing) throw new Error("The closing was not recorded.");
      return { closing, isNew: known === null };
    },
    { reason },
  );
}

/** Ends a closing: the database was opened, or could not be closed at all. */
export async function endClosing(actor: Actor, { id }: Closing, why: string): Promise<void> {
  const ended = { openedBy: actor.name, openedAt: new Date().toISOString(), openedWhy: why };
  await inControl(actor, (tx) => tx.update(closedDatabases).set(ended).where(eq(closedDatabases.id, id)), {
    reason: why,
  });
}
