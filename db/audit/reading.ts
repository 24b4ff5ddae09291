import { eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { type Role, roles } from "../capabilities.ts";
import { control, inControl } from "../control.ts";
import { policies } from "../schema/console.ts";
import { type AuditFilter, type AuditPage, filterQuery, type SetReading } from "./contract.ts";
import { recordEvent } from "./record-event.ts";
import { searchAudit } from "./search.ts";

const kind = "audit.reading";

/** Until an administrator says otherwise: those who read about others are recorded. */
const usual: Record<Role, boolean> = { administrator: false, support: true, compliance: true };

/** Whose searches of the log are themselves recorded, by role. */
export async function readingRecorded(): Promise<Record<Role, boolean>> {
  const rows = await control().select().from(policies).where(eq(policies.kind, kind));
  const set = new Map(rows.map(({ scope, settings }) => [scope, settings.recorded === true]));
  return {
    administrator: set.get("administrator") ?? usual.administrator,
    support: set.get("support") ?? usual.support,
    compliance: set.get("compliance") ?? usual.compliance,
  };
}

/** Says whose searches are recorded. The setting is itself an entry of the log. */
export async function setReading(actor: Actor, input: SetReading): Promise<void> {
  authorise(actor, "staff.manage");
  const rows = roles.map((role) => ({
    kind,
    scope: role,
    settings: { recorded: input[role] },
    setBy: actor.staffId,
  }));
  await inControl(actor, (tx) =>
    tx
      .insert(policies)
      .values(rows)
      .onConflictDoUpdate({
        target: [policies.kind, policies.scope],
        set: { settings: sql`excluded.settings`, setBy: actor.staffId, setAt: sql`now()` },
      }),
  );
}

/** Leaves an entry of a search by somebody whose role's reading is recorded. */
export async function recordReading(
  actor: Actor,
  action: "search_audit" | "search_archive",
  asked: Record<string, unknown>,
): Promise<void> {
  if (actor.role === "system" || !(await readingRecorded())[actor.role]) return;
  await inControl(actor, (_tx, client) =>
    recordEvent(client, { action, resourceType: "audit_logs", resourceId: null, metadata: asked }),
  );
}

/**
 * A search as a person makes it: recorded first where their role is, so that nothing is shown that is not; later pages of the
 * same search belong to its first.
 */
export async function readAudit(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  signal?: AbortSignal,
): Promise<AuditPage> {
  authorise(actor, "audit.read");
  if (cursor === null) await recordReading(actor, "search_audit", { filter: filterQuery(filter), ...filter });
  return searchAudit(actor, filter, cursor, undefined, signal);
}
