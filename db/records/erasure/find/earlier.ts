import { and, eq, inArray } from "drizzle-orm";
import { placesOf, type TenantPlace } from "../../../audit/tenant-places.ts";
import { control, controlPool } from "../../../control.ts";
import { tenantSql } from "../../../managed/holds/rule.ts";
import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { erasures } from "../../../schema/erasures.ts";
import type { ErasureSubject, FoundBackup, NotReached } from "../contract.ts";
import { evaluate } from "../plan/evaluate.ts";
import { type ErasureRow, foundOf, keptOf } from "../stored.ts";
import { schemaOf, subjectRef } from "../subject.ts";
import type { FoundTable } from "./findings.ts";
import { holdable } from "./held.ts";
import { ask, keyOf, type Looking, nameOf } from "./looking.ts";
import { backupsOf } from "./places.ts";

/** The keys of the tenants whose rows were found. */
export async function tenantsOf(looking: Looking, tables: readonly FoundTable[]): Promise<string[]> {
  const found = new Set(await ownPlaces(looking.subject.database, [...new Set(tables.map(({ schema }) => schema))]));
  for (const table of tables) {
    const shape = looking.shapes.get(nameOf(table));
    const known = shape && { key: keyOf(looking, shape), rule: holdable(looking, shape) };
    if (!known || known.key.length === 0 || known.rule.tenant === null || table.rows.length === 0) continue;
    const question = async () => {
      const { rows } = await looking.client.query<{ tenant: string }>(
        `SELECT DISTINCT of.tenant
           FROM unnest($1::text[]) AS r (record)
          CROSS JOIN LATERAL ${keyRecord(known.key, "r.record", "k")}
           JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", known.key)}
          CROSS JOIN LATERAL (SELECT ${tenantSql(known.rule, "t")} AS tenant) AS of
          WHERE of.tenant IS NOT NULL`,
        [table.rows.map(({ record }) => record)],
      );
      return rows.map(({ tenant }) => tenant);
    };
    const told = await ask(looking, `the tenants of ${nameOf(table)}`, question, []);
    for (const tenant of told) found.add(tenant);
  }
  return [...found];
}

/** Tenants that have a database or one of these schemas to themselves. */
async function ownPlaces(databaseId: string, schemas: readonly string[]): Promise<string[]> {
  if (schemas.length === 0) return [];
  const { rows } = await controlPool().query<{ tenant: string }>(
    `SELECT t.key AS tenant
       FROM placements AS p JOIN tenants AS t ON t.id = p.tenant_id
      WHERE p.database_id = $1 AND p.state IN ('open', 'fenced') AND p.tier <> 'shared' AND p.schema = ANY ($2::text[])`,
    [databaseId, schemas],
  );
  return rows.map(({ tenant }) => tenant);
}

interface Earlier {
  backups: FoundBackup[];
  notReached: NotReached[];
}

/**
 * What holds the person still at places that their tenants left: the backups of other databases, and the log until somebody erased them
 * there. In the same database the log knows the rows of a schema that was left by that schema's name.
 */
export async function earlierOf(subject: ErasureSubject, tenants: readonly string[]): Promise<Earlier> {
  const places = await placesOf(tenants, subject.database);
  const isElsewhere = ({ databaseId, schema }: TenantPlace) =>
    databaseId !== subject.database || (subject.record !== undefined && schema !== schemaOf(subject));
  const left = places.filter((place) => !place.lives && isElsewhere(place));
  const earlier: Earlier = { backups: [], notReached: [] };
  for (const [databaseId, of] of Map.groupBy(left, (place) => place.databaseId)) {
    const [{ database } = { database: databaseId }] = of;
    const isHere = databaseId === subject.database;
    const schemas = [...new Set(of.map(({ schema }) => schema))];
    if (!isHere) earlier.backups.push(...(await backupsOf(databaseId)).map((backup) => ({ ...backup, database })));
    if (await isErasedIn(databaseId, isHere ? schemas : inAny(subject, schemas), subject)) continue;
    const names = [...new Set(of.map(({ tenant }) => tenant))].join(", ");
    const place = isHere ? `schema ${schemas.join(", ")}` : database;
    earlier.notReached.push({
      where: isHere ? `what ${database} has of ${place}` : `the log of ${database}`,
      why: `Tenant ${names} lived there before. Search for the same person in ${place}, erase what it finds, and check this erasure again.`,
    });
  }
  return earlier;
}

/** In another database their table may have lain in another schema, or in the same. */
export function inAny(subject: ErasureSubject, schemas: readonly string[]): string[] {
  return [schemaOf(subject), ...schemas];
}

/** Whether this person was erased in one of these schemas to the end, or a search there, since a moment where one is given, found nothing. */
export async function isErasedIn(
  databaseId: string,
  schemas: readonly string[],
  subject: ErasureSubject,
  since?: string,
): Promise<boolean> {
  const refs = schemas.map((schema) => subjectRef({ ...subject, schema, database: databaseId }));
  const rows = await control()
    .select()
    .from(erasures)
    .where(
      and(
        eq(erasures.databaseId, databaseId),
        inArray(erasures.subjectRef, refs),
        inArray(erasures.state, ["done", "found"]),
      ),
    );
  const isRecent = ({ foundAt }: ErasureRow) =>
    since === undefined || (foundAt !== null && Date.parse(foundAt) >= Date.parse(since));
  return rows.some((row) => row.state === "done" || (isRecent(row) && foundNothing(row)));
}

function foundNothing(row: ErasureRow): boolean {
  const found = foundOf(row);
  if (found === null || row.error !== null) return false;
  const { choices, subject } = keptOf(row);
  const { plan } = evaluate(found, choices, subject);
  return plan.status === "nothing" && plan.notReached.every(({ outside }) => outside === true);
}
