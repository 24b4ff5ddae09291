import { createHash } from "node:crypto";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { logHoldsFor } from "../audit/retention/holds.ts";
import { control, controlPool, inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { consoleDatabase } from "../fleet.ts";
import { backupRetentions, isInFleet, isNewestBackup } from "../schema/evidence.ts";
import type { KeepChange, KeepPlan, SetKeep } from "./contract.ts";

/** For how many days backups of these databases are kept, where an end is set. */
export async function keepDaysOf(ids: readonly string[]): Promise<Map<string, number | null>> {
  const rows = await control()
    .select({ id: backupRetentions.databaseId, keepDays: backupRetentions.keepDays })
    .from(backupRetentions)
    .where(and(inArray(backupRetentions.databaseId, [...ids]), isNull(backupRetentions.replacedAt)));
  return new Map(rows.map(({ id, keepDays }) => [id, keepDays]));
}

/** What a change of the time for which backups are kept would do. */
export async function planKeep(actor: Actor, { databaseId, keepDays: after }: KeepChange): Promise<KeepPlan> {
  authorise(actor, "backups.read");
  const { databaseName, inFleet } = await backedUp(databaseId);
  const before = (await keepDaysOf([databaseId])).get(databaseId) ?? null;
  const { rows: goes } = await controlPool().query<KeepPlan["goes"][number]>(
    `SELECT id, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "startedAt" FROM backups AS b
      WHERE database_id = $1 AND state IN ('good', 'damaged', 'missing') AND started_at < now() - make_interval(days => $2)
        AND NOT (${isNewestBackup}) ORDER BY started_at, id`,
    [databaseId, after],
  );
  const holds = (await logHoldsFor(databaseId)).map(({ name }) => name);
  return {
    databaseName,
    subject: `${databaseName}: backups kept ${daysWords(after)} instead of ${daysWords(before)}`,
    ...{ inFleet, before, after, holds },
    shorter: after !== null && (before === null || after < before),
    goes: holds.length > 0 ? [] : goes,
    hash: createHash("sha256")
      .update(JSON.stringify(["backups", databaseId, before, after]))
      .digest("hex")
      .slice(0, 32),
  };
}

/** What a database is called, or was; it is not asked itself, which may be gone or not answer. */
async function backedUp(databaseId: string): Promise<{ databaseName: string; inFleet: boolean }> {
  const { rows } = await controlPool().query<{ databaseName: string | null; inFleet: boolean }>(
    `SELECT coalesce((SELECT d.name FROM databases AS d WHERE d.id::text = b.database_id AND d.released_at IS NULL),
                     (SELECT known.database_name FROM backups AS known
                       WHERE known.database_id = b.database_id ORDER BY known.started_at DESC LIMIT 1),
                     CASE b.database_id WHEN $2 THEN current_database() END) AS "databaseName", ${isInFleet} AS "inFleet"
       FROM (VALUES ($1::text)) AS b (database_id)`,
    [databaseId, consoleDatabase],
  );
  const [row] = rows;
  if (!row?.databaseName) {
    throw new Refusal("not_found", "There is no such database in the fleet, and no backup of it.", {
      fix: "Choose one from Backups.",
    });
  }
  return { databaseName: row.databaseName, inFleet: row.inFleet };
}

function daysWords(days: number | null): string {
  if (days === null) return "until they are removed by hand";
  return days === 1 ? "for a day" : `for ${days} days`;
}

/** Sets for how long backups of a database are kept. Where they go sooner by it, it needs a second person. */
export async function setKeep(actor: Actor, input: SetKeep): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const { subject, hash: planHash, shorter } = await planKeep(actor, input);
  const reason = input.reason?.trim();
  if (!reason) {
    throw new Refusal("invalid", "A change of how long backups are kept needs a reason.", {
      fieldErrors: { reason: "Say why; it stays with the rule." },
    });
  }
  return inControl(
    actor,
    async (tx) => {
      const need = { tier: "costly", subject, planHash, secondPerson: shorter } as const;
      await requireConsent(tx, actor, { verb: "backups.set_retention", ...need }, input);
      const { databaseId, keepDays } = input;
      await tx
        .update(backupRetentions)
        .set({ replacedAt: new Date().toISOString() })
        .where(and(eq(backupRetentions.databaseId, databaseId), isNull(backupRetentions.replacedAt)));
      const [row] = await tx
        .insert(backupRetentions)
        .values({ databaseId, keepDays, reason, setBy: actor.staffId })
        .returning({ id: backupRetentions.id });
      if (!row) throw new Error("The rule was not recorded.");
      return row;
    },
    { reason },
  );
}
