import { placesOf, type TenantPlace } from "../../../audit/tenant-places.ts";
import { literal } from "../../../managed/statement.ts";
import { type Ownership, ownership, tenantsTableOf } from "../../ownership.ts";
import { rows } from "../scratch.ts";
import { storedColumns, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";

/**
 * Finds rows of tenants that do not live in this place any more: written here, nobody would see them. A child that a cascade took
 * may be in the log without its tenant; it comes back only with a parent that has one.
 */
export async function checkPlaces(work: Work): Promise<void> {
  const { client, database, round, tables } = work;
  const found = [];
  for (const table of tables) {
    const { rows: some } = await client.query<{ tenant: string | null }>(
      `SELECT DISTINCT ${tenantSql(work, table)} AS tenant FROM ${rows} AS r
        WHERE r.tab = $1 AND r.round = $2 AND r.state = 'open' ORDER BY 1`,
      [table.tab, round],
    );
    found.push(...some.flatMap(({ tenant }) => (tenant === null ? [] : [{ table, tenant }])));
  }
  if (found.length === 0) return;
  const places = await placesOf([...new Set(found.map(({ tenant }) => tenant))], database.id);
  if (places.length === 0) return;
  const tenantsTable = await tenantsTableOf(database.id);
  for (const table of tables) {
    const columns = table.shape ? storedColumns(table.shape) : [];
    const own = ownership(table.managed, work.managed, tenantsTable, (name) =>
      columns.some((one) => one.name === name),
    );
    const gone = found
      .filter((one) => one.table === table)
      .map(({ tenant }) => ({ tenant, places: places.filter((one) => one.tenant === tenant) }))
      .filter(({ places: of }) => !belongs(of, database.id, table, own));
    if (gone.length > 0) await noteGone(work, table, gone);
  }
}

/**
 * Whose a row is. A chunk and an undo take rows up without tenant and transaction: it is looked up by the row's entry, or, where that
 * is in the log of a place that the tenant left, by the table and the row.
 */
function tenantSql({ log }: Work, { managed }: WorkTable): string {
  const column = managed?.tenantColumn;
  const own =
    managed?.tenantConstant != null
      ? literal(managed.tenantConstant)
      : column
        ? `coalesce(r.standing, r.image) ->> ${literal(column)}`
        : "NULL";
  return `coalesce(r.tenant, CASE WHEN r.xact IS NULL AND r.origin <> 'yields' THEN coalesce(
    (SELECT l.tenant_id FROM ${log} AS l WHERE l.created_at = r.entry_at AND l.id = r.entry LIMIT 1), ${own}) END)`;
}

/** Tables of the shared tier may lie in several schemas, of which a place names one. */
function belongs(places: readonly TenantPlace[], databaseId: string, { schema }: WorkTable, own: Ownership): boolean {
  const isHere = (place: TenantPlace) => place.databaseId === databaseId && place.schema === schema;
  // What the model says of a tenant's own place goes with the place.
  const wasOwn = places.some((place) => isHere(place) && place.tier !== "shared");
  const lived = places.filter(({ lives }) => lives);
  if (places.length === 0 || (own === "nobody's" && !wasOwn) || (own === "the list" && lived.length > 0)) return true;
  if (lived.some(isHere)) return true;
  return lived.some((place) => place.databaseId === databaseId) && !places.some(isHere);
}

async function noteGone(
  work: Work,
  table: WorkTable,
  gone: readonly { tenant: string; places: readonly TenantPlace[] }[],
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
       FROM ${rows} AS r JOIN unnest($1::text[], $2::text[]) AS g (tenant, lives) ON g.tenant = ${tenantSql(work, table)}
      WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open'`,
    [gone.map(({ tenant }) => tenant), lives],
  );
}
