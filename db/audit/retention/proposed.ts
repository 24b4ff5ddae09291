import { inArray, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control } from "../../control.ts";
import { auditArchives } from "../../schema/retention.ts";
import type { LegalHold, MonthReference } from "./contract.ts";
import { expirySubject } from "./expire-month.ts";
import { listHolds, releaseHash } from "./holds.ts";

/** The holds that are proposed to be released, or were. */
export async function proposedReleases(
  actor: Actor,
  proposals: readonly { planHash: string }[],
): Promise<(LegalHold & { planHash: string })[]> {
  const wanted = new Set(proposals.map(({ planHash }) => planHash));
  const holds = await listHolds(actor);
  return holds.map((hold) => ({ ...hold, planHash: releaseHash(hold) })).filter(({ planHash }) => wanted.has(planHash));
}

/** The archived months that proposals to remove what is past its time name. */
export async function proposedExpiries(
  actor: Actor,
  proposals: readonly { subject: string }[],
): Promise<(MonthReference & { subject: string })[]> {
  authorise(actor, "audit.read");
  const { databaseId, databaseName, month } = auditArchives;
  const rows = await control()
    .selectDistinct({ databaseId, databaseName, month })
    .from(auditArchives)
    .where(
      inArray(
        sql`${databaseName} || ' ' || ${month}`,
        proposals.map(({ subject }) => subject),
      ),
    );
  return rows.map((row) => ({ ...row, subject: expirySubject(row.databaseName, row.month) }));
}
