import { controlPool } from "../../../control.ts";
import { tenantSourceOf } from "../../../managed/tenant-source.ts";
import type { NamedTable } from "../../../schema/fleet.ts";
import { rows } from "../scratch.ts";
import { storedColumns, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";

interface Placement {
  tenant: string;
  lives: boolean;
  databaseId: string;
  database: string;
  schema: string;
}

/** Whose a row is. A chunk and an undo take rows up without tenant and transaction, which are looked up by the row's entry. */
const tenantSql = `coalesce(r.tenant, CASE WHEN r.xact IS NULL THEN
  (SELECT l.tenant_id FROM caretaker.audit_logs AS l WHERE l.created_at = r.entry_at AND l.id = r.entry LIMIT 1) END)`;

/**
 * Finds rows of tenants that do not live in this place any more: written here, nobody would see them. A child that a cascade took
 * may be in the log without its tenant; it comes back only with a parent that has one.
 */
export async function checkPlaces(work: Work): Promise<void> {
  const { client, database, round } = work;
  const { rows: found } = await client.query<{ tab: number; tenant: string }>(
    `SELECT DISTINCT r.tab, ${tenantSql} AS tenant FROM ${rows} AS r WHERE r.round = $1 AND r.state = 'open' ORDER BY 1, 2`,
    [round],
  );
  const keys = [...new Set(found.flatMap(({ tenant }) => tenant ?? []))];
  if (keys.length === 0) return;
  const placements = await placementsOf(keys, database.id);
  if (placements.length === 0) return;
  const tenantsTable = await tenantsTableOf(database.id);
  for (const table of work.tables) {
    const own = ownership(work, table, tenantsTable);
    if (own === "nobody's") continue;
    const gone = found
      .filter(({ tab }) => tab === table.tab)
      .map(({ tenant }) => ({ tenant, places: placements.filter((one) => one.tenant === tenant) }))
      .filter(({ places }) => !belongs(places, database.id, table.schema, own));
    if (gone.length > 0) await noteGone(work, table, gone);
  }
}

/** Of tenants that this database lists, or that live or lived in it, every place. */
async function placementsOf(keys: readonly string[], databaseId: string): Promise<Placement[]> {
  const { rows: found } = await controlPool().query<Placement>(
    `SELECT t.key AS tenant, p.state IN ('open', 'fenced') AS lives, p.database_id AS "databaseId", d.name AS database, p.schema
       FROM tenants AS t
       JOIN placements AS p ON p.tenant_id = t.id
       JOIN databases AS d ON d.id = p.database_id
      WHERE t.key = ANY ($1::text[])
        AND (t.home_database_id::text = $2
             OR EXISTS (SELECT FROM placements AS q WHERE q.tenant_id = t.id AND q.database_id::text = $2))
      ORDER BY p.opened_at, p.id`,
    [keys, databaseId],
  );
  return found;
}

async function tenantsTableOf(databaseId: string): Promise<NamedTable | null> {
  const { rows: found } = await controlPool().query<{ tenantsTable: NamedTable | null }>(
    `SELECT tenants_table AS "tenantsTable" FROM databases WHERE id::text = $1`,
    [databaseId],
  );
  return found[0]?.tenantsTable ?? null;
}

/** The list of tenants stays where it is when a tenant moves. Rows that tell no tenant are in the log with the tenant for which somebody worked. */
function ownership(
  { managed: all }: Work,
  { shape, managed }: WorkTable,
  tenantsTable: NamedTable | null,
): "the list" | "the tenant's" | "nobody's" {
  if (!shape || !managed || managed.class === "ignored") return "nobody's";
  const columns = storedColumns(shape);
  const source = tenantSourceOf(managed, all, tenantsTable, (name) => columns.some((column) => column.name === name));
  if (source === null) return "nobody's";
  return source.kind === "self" ? "the list" : "the tenant's";
}

/** Tables of the shared tier may lie in several schemas, of which a place names one. */
function belongs(places: readonly Placement[], databaseId: string, schema: string, own: "the list" | "the tenant's") {
  const lived = places.filter(({ lives }) => lives);
  if (places.length === 0 || (own === "the list" && lived.length > 0)) return true;
  const isHere = (place: Placement) => place.databaseId === databaseId && place.schema === schema;
  if (lived.some(isHere)) return true;
  return lived.some((place) => place.databaseId === databaseId) && !places.some(isHere);
}

async function noteGone(
  work: Work,
  table: WorkTable,
  gone: readonly { tenant: string; places: readonly Placement[] }[],
): Promise<void> {
  const lives = gone.map(({ places }) => {
    const place = places.find((one) => one.lives);
    return place ? `${place.database}, schema ${place.schema}` : null;
  });
  await note(
    work,
    table,
    "lives_elsewhere",
    `SELECT r.n, 'row' AS subject, '{}'::text[] AS columns, ${offersSql("skip")} AS offers,
            jsonb_strip_nulls(jsonb_build_object('tenant', g.tenant, 'lives', g.lives)) AS detail
       FROM ${rows} AS r JOIN unnest($1::text[], $2::text[]) AS g (tenant, lives) ON g.tenant = ${tenantSql}
      WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open'`,
    [gone.map(({ tenant }) => tenant), lives],
  );
}
