import type { Tenant } from "./identities.ts";
import type { Session } from "./session.ts";
import { nameOf, owned, quoted, type Subject, text } from "./subjects.ts";

/** A row as PostgreSQL prints it, column by column. */
export type RowText = Record<string, string | null>;

/** Two tenants, and rows that tell them apart. `mine` may have none in this table, `other` always has. */
export interface Pair {
  mine: Tenant;
  other: Tenant;
  mineRow: RowText | null;
  otherRows: RowText[];
  /** Some rows belong to nobody, and may be everybody's. */
  unowned: boolean;
}

const witnessesMax = 20;

export type Missing = { missing: string };

/** Two tenants of this table, seen with Caretaker's own rights. */
export async function findPair(
  session: Session,
  subject: Subject,
  suspensions: boolean,
  toTenant: (key: string) => Promise<Tenant>,
  otherKeys: readonly string[],
): Promise<Pair | Missing> {
  const { from, tenant } = owned(subject);
  const active = suspensions ? `${tenant} NOT IN (SELECT tenant_key FROM caretaker.suspended_tenants)` : "true";
  const keys = await session.look<{ key: string }>(
    `SELECT one.key FROM (SELECT ${tenant} AS key FROM ${from} WHERE ${tenant} IS NOT NULL AND ${active} LIMIT 1) AS one
      UNION ALL
     (SELECT ${tenant} FROM ${from}
       WHERE ${tenant} <> (SELECT ${tenant} FROM ${from} WHERE ${tenant} IS NOT NULL AND ${active} LIMIT 1) AND ${active} LIMIT 1)`,
  );
  if (keys === null) return { missing: "Two tenants could not be found in it within 2 seconds." };
  const [first, second] = keys.map(({ key }) => key);
  if (first === undefined) return { missing: await whyEmpty(session, subject) };
  const mineKey = second ?? otherKeys.find((key) => key !== first);
  if (mineKey === undefined) return { missing: "Only one tenant has rows in it, and no other tenant is known." };
  const mineRows = second === undefined ? [] : await rowsOf(session, subject, mineKey, 1);
  const otherRows = await rowsOf(session, subject, first, witnessesMax);
  if (otherRows.length === 0) return { missing: "Its rows could not be read in time." };
  const nobody = await session.look<object>(`SELECT FROM ${from} WHERE ${tenant} IS NULL LIMIT 1`);
  return {
    mine: await toTenant(mineKey),
    other: await toTenant(first),
    mineRow: mineRows[0] ?? null,
    otherRows,
    unowned: nobody === null || nobody.length > 0,
  };
}

async function rowsOf(session: Session, subject: Subject, key: string, max: number): Promise<RowText[]> {
  const { from, tenant } = owned(subject);
  const columns = subject.relation.columns.map(({ name }) => `t.${quoted(name)}::text AS ${quoted(name)}`);
  const rows = await session.look<RowText>(
    `SELECT ${columns.join(", ")} FROM ${from} WHERE ${tenant} = ${text(key)} LIMIT ${max}`,
  );
  return rows ?? [];
}

/** An empty table, or one whose policies hide its rows from Caretaker too. */
async function whyEmpty(session: Session, { relation }: Subject): Promise<string> {
  const hidden = relation.rowSecurity && (relation.forced || !relation.owned);
  const blind = hidden && !session.facts.caretaker.superuser;
  const pages = await session.look<{ full: boolean }>(
    `SELECT pg_relation_size(${text(nameOf(relation))}::regclass) > 0 AS full`,
  );
  if (blind && pages?.[0]?.full) {
    return `It has rows that its policies hide from Caretaker: CREATE POLICY for ${session.facts.caretaker.name}, or give that role BYPASSRLS.`;
  }
  return "No tenant has rows in it.";
}

/** The condition that names these rows by their key; null without one that the role may read. */
export function byKey({ primaryKey, relation }: Subject, rows: readonly RowText[]): string | null {
  const readable = primaryKey.every((name) => relation.columns.some((one) => one.name === name && one.select));
  if (primaryKey.length === 0 || !readable) return null;
  const tuples = rows.map((row) => `(${primaryKey.map((name) => literal(row[name])).join(", ")})`);
  return `(${primaryKey.map(quoted).join(", ")}) IN (${tuples.join(", ")})`;
}

export function literal(value: string | null | undefined): string {
  return value === null || value === undefined ? "NULL" : text(value);
}
