import { createHash } from "node:crypto";
import { and, asc, desc, eq, isNull } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../../actor.ts";
import { control, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { legalHolds } from "../../schema/retention.ts";
import { staff } from "../../schema/staff.ts";
import { databaseNames } from "../scope.ts";
import type { LegalHold, PlaceHold, ReleaseHold } from "./contract.ts";

/** Holds that stand, then those released lately. */
export async function listHolds(actor: Actor): Promise<LegalHold[]> {
  authorise(actor, "audit.read");
  const releaser = alias(staff, "releaser");
  const rows = await control()
    .select({ hold: legalHolds, placedBy: staff.name, releasedBy: releaser.name })
    .from(legalHolds)
    .leftJoin(staff, eq(staff.id, legalHolds.placedBy))
    .leftJoin(releaser, eq(releaser.id, legalHolds.releasedBy))
    .orderBy(desc(isNull(legalHolds.releasedAt)), desc(legalHolds.placedAt), asc(legalHolds.id))
    .limit(200);
  const names = await databaseNames(rows.flatMap(({ hold }) => hold.databaseId ?? []));
  return rows.map(({ hold, placedBy, releasedBy }) => ({
    id: hold.id,
    name: hold.name,
    databaseId: hold.databaseId,
    databaseName: hold.databaseId === null ? null : (names.get(hold.databaseId) ?? hold.databaseId),
    table: hold.table === null ? null : `${hold.schema}.${hold.table}`,
    tenant: hold.tenant,
    record: hold.record,
    reason: hold.reason,
    placedBy,
    placedAt: hold.placedAt,
    releasedBy,
    releasedAt: hold.releasedAt,
  }));
}

/** Keeps entries whatever their retention, from now on. One person is enough: nothing is lost by it. */
export async function placeHold(actor: Actor, input: PlaceHold): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const { name, databaseId, tenant, record, reason } = input;
  const [schema = null, table = null] = input.table?.split(".") ?? [];
  return inControl(
    actor,
    async (tx) => {
      const [row] = await tx
        .insert(legalHolds)
        .values({ name, databaseId, schema, table, tenant, record, reason, placedBy: actor.staffId })
        .onConflictDoNothing()
        .returning({ id: legalHolds.id });
      if (row) return row;
      throw new Refusal("conflict", `There is a hold named ${name} already.`, {
        fix: "Give it another name.",
        fieldErrors: { name: "Taken by a hold that stands." },
      });
    },
    { reason },
  );
}

/** The hash that a release is agreed on. */
export function releaseHash(hold: Pick<LegalHold, "id" | "name">): string {
  return createHash("sha256").update(`release ${hold.id} ${hold.name}`).digest("hex").slice(0, 32);
}

/** Ends a hold: its entries may be removed again once they are past their time. Needs a second person. */
export async function releaseHold(actor: Actor, input: ReleaseHold): Promise<void> {
  authorise(actor, "retention.manage");
  await inControl(
    actor,
    async (tx) => {
      const [hold] = await tx
        .select()
        .from(legalHolds)
        .where(and(eq(legalHolds.id, input.id), isNull(legalHolds.releasedAt)))
        .for("update");
      if (!hold) throw new Refusal("not_found", "This hold does not stand any more.", { fix: "Reload the page." });
      const need = {
        tier: "irreversible",
        subject: hold.name,
        planHash: releaseHash(hold),
        secondPerson: true,
      } as const;
      await requireConsent(tx, actor, { verb: "retention.release_hold", ...need }, input);
      await tx
        .update(legalHolds)
        .set({ releasedBy: actor.staffId, releasedAt: new Date().toISOString(), releaseReason: input.reason ?? null })
        .where(eq(legalHolds.id, hold.id));
    },
    { reason: input.reason ?? null },
  );
}
