import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { recordEvent } from "../audit/record-event.ts";
import { type Control, control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { sessions } from "../schema/staff.ts";
import type { SessionRow } from "./contract.ts";
import { whose } from "./whose.ts";

const open = and(
  isNull(sessions.revokedAt),
  sql`${sessions.expiresAt} > now()`,
  sql`${sessions.lastSeenAt} > now() - interval '30 minutes'`,
);

/** The open sessions of oneself, or of somebody else for who manages staff. */
export async function listSessions(actor: Actor, input: { staffId?: string } = {}): Promise<SessionRow[]> {
  const staffId = whose(actor, input.staffId);
  const rows = await control()
    .select({
      id: sessions.id,
      ip: sessions.ip,
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      expiresAt: sessions.expiresAt,
    })
    .from(sessions)
    .where(and(eq(sessions.staffId, staffId), open))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.id));
  return rows.map((row) => ({ ...row, current: row.id === actor.sessionId }));
}

/** Ends a session: one's own, or anybody's for who manages staff. Its next request is refused. */
export async function revokeSession(actor: Actor, input: { id: string }): Promise<void> {
  authorise(actor, "self.manage");
  await inControl(actor, async (tx) => {
    const [session] = await tx
      .select({ staffId: sessions.staffId })
      .from(sessions)
      .where(and(eq(sessions.id, input.id), isNull(sessions.revokedAt)))
      .for("update");
    // Somebody else's session is as good as none for who may not manage staff.
    const mine = session?.staffId === actor.staffId;
    if (!session || (!mine && !actor.capabilities.has("staff.manage"))) {
      throw new Refusal("not_found", "There is no such open session.", { fix: "Reload the list." });
    }
    await revokeSessions(tx, actor, eq(sessions.id, input.id));
  });
}

/** Ends every session of a person, but for the one kept. */
export async function revokeSessionsOf(tx: Control, actor: Actor, staffId: string, kept: string | null = null) {
  await revokeSessions(
    tx,
    actor,
    and(eq(sessions.staffId, staffId), kept === null ? undefined : ne(sessions.id, kept)),
  );
}

async function revokeSessions(tx: Control, actor: Actor, which: ReturnType<typeof and>): Promise<void> {
  await tx
    .update(sessions)
    .set({ revokedAt: sql`now()`, revokedBy: actor.staffId })
    .where(and(which, isNull(sessions.revokedAt)));
}

export async function signOut(actor: Actor): Promise<void> {
  authorise(actor, "self.manage");
  const { sessionId, staffId } = actor;
  if (!sessionId) throw new Refusal("not_found", "An API token is not signed out; revoke it.");
  await inControl(actor, async (tx, client) => {
    await revokeSessions(tx, actor, eq(sessions.id, sessionId));
    await recordEvent(client, { action: "sign_out", resourceType: "staff", resourceId: staffId });
  });
}
