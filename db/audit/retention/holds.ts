import { createHash } from "node:crypto";
import { and, asc, desc, eq, inArray, isNotNull, isNull, notInArray, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, control, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { consoleDatabase } from "../../fleet.ts";
import { legalHolds } from "../../schema/retention.ts";
import { staff } from "../../schema/staff.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { databaseNames } from "../scope.ts";
import type { HoldRule, LegalHold, ReleaseHold } from "./contract.ts";
import { lockRetention } from "./rules.ts";

const releasedMax = 200;

/** Every hold that stands, then those released lately. */
export async function listHolds(actor: Actor): Promise<LegalHold[]> {
  authorise(actor, "audit.read");
  const releaser = alias(staff, "releaser");
  const lately = control()
    .select({ id: legalHolds.id })
    .from(legalHolds)
    .where(isNotNull(legalHolds.releasedAt))
    .orderBy(desc(legalHolds.releasedAt), asc(legalHolds.id))
    .limit(releasedMax);
  const rows = await control()
    .select({ hold: legalHolds, placedBy: staff.name, releasedBy: releaser.name })
    .from(legalHolds)
    .leftJoin(staff, eq(staff.id, legalHolds.placedBy))
    .leftJoin(releaser, eq(releaser.id, legalHolds.releasedBy))
    .where(or(isNull(legalHolds.releasedAt), inArray(legalHolds.id, lately)))
    .orderBy(desc(isNull(legalHolds.releasedAt)), desc(legalHolds.placedAt), asc(legalHolds.id));
  const names = await databaseNames(rows.flatMap(({ hold }) => hold.databaseId ?? []));
  return rows.map(({ hold, placedBy, releasedBy }) => ({
    id: hold.id,
    name: hold.name,
    kind: hold.kind,
    databaseId: hold.databaseId,
    databaseName: hold.databaseId === null ? null : (names.get(hold.databaseId) ?? hold.databaseId),
    table: hold.table === null ? null : `${hold.schema}.${hold.table}`,
    tenant: hold.tenant,
    record: hold.record,
    person: hold.person,
    rules: hold.rules,
    reason: hold.reason,
    placedBy,
    placedAt: hold.placedAt,
    releasedBy,
    releasedAt: hold.releasedAt,
  }));
}

export type NewHold = Pick<
  LegalHold,
  "name" | "kind" | "databaseId" | "table" | "tenant" | "record" | "person" | "rules" | "reason"
>;

/**
 * Enters a hold: entries of the log are kept from now on, whatever their retention. Rows of a managed database are kept once it
 * stands there as well; see db/records/holds. One person is enough: nothing is lost by it.
 */
export async function enterHold(actor: Actor, { table: named, ...hold }: NewHold): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const [schema = null, table = null] = named?.split(".") ?? [];
  return inControl(
    actor,
    async (tx) => {
      await lockRetention(tx);
      const [row] = await tx
        .insert(legalHolds)
        .values({ ...hold, schema, table, placedBy: actor.staffId })
        .onConflictDoNothing()
        .returning({ id: legalHolds.id });
      if (row) return row;
      throw new Refusal("conflict", `There is a hold named ${hold.name} already.`, {
        fix: "Give it another name.",
        fieldErrors: { name: "Taken by a hold that stands." },
      });
    },
    { reason: hold.reason },
  );
}

export interface StandingRules extends Pick<LegalHold, "id" | "name" | "kind" | "databaseId"> {
  rules: HoldRule[];
  /** Whom a hold on a person is on. */
  person: string | null;
  placedBy: string;
  placedAt: string;
}

/** The holds that stand and are about the rows of a database, or of every one. */
export function holdsFor(databaseId: string): Promise<StandingRules[]> {
  return holdsOver(databaseId, livesIn(databaseId), control());
}

/** The same about the entries of its log: what was recorded while a tenant lived there stays when it has moved on. */
export function logHoldsFor(databaseId: string, tx: Control = control()): Promise<StandingRules[]> {
  return holdsOver(databaseId, hasBeenIn(databaseId), tx);
}

async function holdsOver(databaseId: string, follows: SQL | undefined, tx: Control): Promise<StandingRules[]> {
  const rows = await tx
    .select({ hold: legalHolds, placedBy: staff.name })
    .from(legalHolds)
    .leftJoin(staff, eq(staff.id, legalHolds.placedBy))
    .where(standsOver(databaseId, follows))
    .orderBy(asc(legalHolds.name), asc(legalHolds.id));
  return rows.map(({ hold, placedBy }) => ({
    id: hold.id,
    name: hold.name,
    kind: hold.kind,
    databaseId: hold.databaseId,
    rules: hold.rules ?? [
      { schema: hold.schema, table: hold.table, tenant: hold.tenant, record: hold.record, values: {} },
    ],
    person: hold.person,
    placedBy: placedBy ?? "the system",
    placedAt: hold.placedAt,
  }));
}

function standsOver(databaseId: string, follows: SQL | undefined): SQL | undefined {
  return and(
    isNull(legalHolds.releasedAt),
    or(isNull(legalHolds.databaseId), eq(legalHolds.databaseId, databaseId), follows),
  );
}

/** The ids of those of `holdsFor`, as this transaction sees them. */
export async function holdIdsFor(tx: Control, databaseId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: legalHolds.id })
    .from(legalHolds)
    .where(standsOver(databaseId, livesIn(databaseId)));
  return rows.map(({ id }) => id);
}

/** What a hold on a person comes to has grown since it was placed. */
export async function growHold(actor: Actor, id: string, rules: HoldRule[]): Promise<void> {
  await inControl(actor, async (tx) => {
    await lockRetention(tx);
    await tx
      .update(legalHolds)
      .set({ rules })
      .where(and(eq(legalHolds.id, id), isNull(legalHolds.releasedAt)));
  });
}

/**
 * A hold on a tenant follows it: it stands as well where the tenant that its database lists lives now, or has lived until a move ends,
 * and before writers are moved to a place, there.
 */
function livesIn(databaseId: string): SQL | undefined {
  return placedIn(
    databaseId,
    sql`AND p.state <> 'dropped'
        AND (p.state <> 'importing' OR EXISTS (SELECT FROM moves AS m WHERE m.to_placement_id = p.id AND m.state = 'cutting'))`,
  );
}

function hasBeenIn(databaseId: string): SQL | undefined {
  return placedIn(databaseId, sql``);
}

function placedIn(databaseId: string, only: SQL): SQL | undefined {
  if (databaseId === consoleDatabase) return undefined;
  return sql`${legalHolds.kind} = 'tenant' AND ${legalHolds.table} IS NULL AND EXISTS (
    SELECT FROM ${placements} AS p JOIN ${tenants} AS t ON t.id = p.tenant_id
     WHERE t.key = ${legalHolds.tenant} AND t.home_database_id::text = ${legalHolds.databaseId}
       AND p.database_id = ${databaseId} ${only})`;
}

/** The databases to which holds on tenants follow them, by the hold's id. */
export async function followedTo(): Promise<Map<string, string[]>> {
  const rows = await control()
    .select({ id: legalHolds.id, databaseId: placements.databaseId })
    .from(legalHolds)
    .innerJoin(
      tenants,
      sql`${tenants.key} = ${legalHolds.tenant} AND ${tenants.homeDatabaseId}::text = ${legalHolds.databaseId}`,
    )
    .innerJoin(
      placements,
      and(eq(placements.tenantId, tenants.id), notInArray(placements.state, ["importing", "dropped"])),
    )
    .where(and(isNull(legalHolds.releasedAt), eq(legalHolds.kind, "tenant"), isNull(legalHolds.table)));
  const found = Map.groupBy(rows, ({ id }) => id);
  return new Map([...found].map(([id, of]) => [id, of.map(({ databaseId }) => databaseId)]));
}

/** The hash that a release is agreed on. */
export function releaseHash(hold: Pick<LegalHold, "id" | "name">): string {
  return createHash("sha256").update(`release ${hold.id} ${hold.name}`).digest("hex").slice(0, 32);
}

/** Ends a hold: what it kept may be removed again once it is past its time. Needs a second person. */
export async function endHold(actor: Actor, input: ReleaseHold): Promise<void> {
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
