import { inArray } from "drizzle-orm";
import pg from "pg";
import { control } from "../control.ts";
import { consoleDatabase } from "../fleet.ts";
import type { NamedTable } from "../schema/fleet.ts";
import { staff } from "../schema/staff.ts";
import type { AuditEntry } from "./contract.ts";
import { type ActorName, type EntryRow, toEntry } from "./entry-row.ts";
import { type AuditedDatabase, isUuid } from "./scope.ts";

/** The names, as of now, of the users that the rows' actors are. Read where the rows are; nothing when it cannot be read. */
export async function userNames(
  client: pg.PoolClient,
  users: NamedTable | null,
  rows: readonly EntryRow[],
): Promise<Map<string, string>> {
  const ids = actorIds(rows);
  if (users === null || users.name === null || ids.length === 0) return new Map();
  const type = await readableKeyType(client, users);
  const castable = ids.filter((id) => (type === null ? false : castableTo(type, id)));
  if (type === null || castable.length === 0) return new Map();
  const key = pg.escapeIdentifier(users.key);
  const { rows: found } = await client.query<{ id: string; name: string }>(
    `SELECT ${key}::text AS id, ${pg.escapeIdentifier(users.name)}::text AS name
       FROM ${pg.escapeIdentifier(users.schema)}.${pg.escapeIdentifier(users.table)}
      WHERE ${key} = ANY ($1::${type}[]) AND ${pg.escapeIdentifier(users.name)} IS NOT NULL`,
    [castable],
  );
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** The key's base type when both columns still exist and may be read; else null, for a name is worth no error. */
export async function readableKeyType(
  client: pg.PoolClient,
  users: Pick<NamedTable, "schema" | "table" | "key" | "name">,
): Promise<string | null> {
  const { rows } = await client.query<{ type: string }>(
    `SELECT format('%I.%I', n.nspname, t.typname) AS type
       FROM pg_class c
       JOIN pg_namespace cn ON cn.oid = c.relnamespace
       JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = $3 AND NOT k.attisdropped
       JOIN pg_attribute l ON l.attrelid = c.oid AND l.attname = $4 AND NOT l.attisdropped
       JOIN pg_type d ON d.oid = k.atttypid
       JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
       JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE cn.nspname = $1 AND c.relname = $2
        AND has_schema_privilege(cn.oid, 'USAGE')
        AND has_column_privilege(c.oid, k.attnum, 'SELECT') AND has_column_privilege(c.oid, l.attnum, 'SELECT')`,
    [users.schema, users.table, users.key, users.name],
  );
  return rows[0]?.type ?? null;
}

export function castableTo(type: string, id: string): boolean {
  if (type === "pg_catalog.uuid") return isUuid(id);
  if (/^pg_catalog\.int[248]$/.test(type))
    return /^-?\d{1,9}$/.test(id) || (type.endsWith("8") && /^-?\d{1,18}$/.test(id));
  return ["pg_catalog.text", "pg_catalog.varchar", "pg_catalog.bpchar"].includes(type);
}

export interface Answer {
  database: AuditedDatabase;
  rows: EntryRow[];
  users: ReadonlyMap<string, string>;
}

/** Answers of several databases as entries: actors are users of their database, else staff, else as they stand. */
export async function named(answers: readonly Answer[]): Promise<AuditEntry[]> {
  const people = await staffNames(answers.flatMap(({ rows }) => actorIds(rows)));
  return answers.flatMap(({ database, rows, users }) => {
    const names = new Map<string, ActorName>();
    for (const id of actorIds(rows)) names.set(id, nameOf(id, database, users, people));
    return rows.map((row) => toEntry(row, database, names));
  });
}

function nameOf(
  id: string,
  database: AuditedDatabase,
  users: ReadonlyMap<string, string>,
  people: ReadonlyMap<string, string>,
): ActorName {
  const user = users.get(id);
  if (user !== undefined) return { name: user, kind: "user" };
  const person = people.get(id);
  if (person !== undefined) return { name: person, kind: "staff" };
  return { name: null, kind: database.id === consoleDatabase && !isUuid(id) ? "system" : "user" };
}

async function staffNames(ids: readonly string[]): Promise<Map<string, string>> {
  const uuids = [...new Set(ids)].filter(isUuid);
  if (uuids.length === 0) return new Map();
  const rows = await control().select({ id: staff.id, name: staff.name }).from(staff).where(inArray(staff.id, uuids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function actorIds(rows: readonly EntryRow[]): string[] {
  const ids = rows.flatMap(({ userId, impersonatorId }) => [userId, impersonatorId]);
  return [...new Set(ids.filter((id) => typeof id === "string"))];
}
