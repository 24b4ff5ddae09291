import { eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { type Role, roles } from "../capabilities.ts";
import { control, controlPool, inControl } from "../control.ts";
import { policies } from "../schema/console.ts";
import { type AuditFilter, filterQuery, type SetReading } from "./contract.ts";
import { recordEvent } from "./record-event.ts";

const kind = "audit.reading";

/** Until an administrator says otherwise: those who read about others are recorded. */
const usual: Record<Role, boolean> = { administrator: false, support: true, compliance: true };

/** Whose reading of the log is itself recorded, by role. */
export async function readingRecorded(): Promise<Record<Role, boolean>> {
  const rows = await control().select().from(policies).where(eq(policies.kind, kind));
  const set = new Map(rows.map(({ scope, settings }) => [scope, settings.recorded === true]));
  return {
    administrator: set.get("administrator") ?? usual.administrator,
    support: set.get("support") ?? usual.support,
    compliance: set.get("compliance") ?? usual.compliance,
  };
}

/** Says whose reading is recorded. The setting is itself an entry of the log. */
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

/** A search of the log or of its archived months, or one thing in the log by its address. */
type ReadingAction = "search_audit" | "search_archive" | "read_audit";

/** further: a later page, a poll or a letter more of a question that its beginning has recorded already. */
export type ReadingPart = "first" | "further";

/**
 * Leaves an entry of what somebody reads whose role's reading is recorded: once a question. That one was recorded is never taken from
 * what the reader sends, such as a cursor, but looked up in the log; after a day it is a question of its own.
 */
export async function recordReading(
  actor: Actor,
  action: ReadingAction,
  asked: Record<string, unknown>,
  part: ReadingPart = "first",
): Promise<void> {
  if (actor.role === "system" || !(await readingRecorded())[actor.role]) return;
  if (part === "further" && (await isRecorded(actor, action, asked))) return;
  await inControl(actor, (_tx, client) =>
    recordEvent(client, { action, resourceType: "audit_logs", resourceId: null, metadata: asked }),
  );
}

async function isRecorded({ staffId }: Actor, action: ReadingAction, asked: Record<string, unknown>): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    `SELECT FROM caretaker.audit_logs
      WHERE user_id = $1 AND created_at > now() - interval '1 day' AND action = $2 AND metadata @> $3
      ORDER BY created_at DESC, id DESC LIMIT 1`,
    [staffId, action, JSON.stringify(asked)],
  );
  return rowCount === 1;
}

/** A filter of the log as it is recorded: the same text for the same question. */
export function askedFilter(filter: AuditFilter): Record<string, unknown> {
  return { filter: filterQuery(filter), ...filter };
}
