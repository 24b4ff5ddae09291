import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { hiddenTables } from "../managed/hidden-tables.ts";
import type { NamedTable, SoftDelete } from "../schema/fleet.ts";
import { limits } from "../transaction.ts";
import { readCatalog } from "./catalog.ts";
import type { TableModel } from "./contract.ts";
import { readStoredModel } from "./stored-model.ts";
import { archiveUnlisted, keepTenants, placeOwn, type SourceTenant } from "./sync/keep-tenants.ts";
import { readTenantSchemas } from "./tenant-schemas.ts";

const chunkSize = 500;

interface Source {
  table: NamedTable;
  /** The key column's type, as the catalog prints it. */
  keyType: string;
  softDelete: SoftDelete | null;
  schemas: ReadonlyMap<string, string>;
}

/**
 * Brings the control database's tenants in line with the tenants table of a managed database, chunk by chunk in key order:
 * new ones are added with a placement, renamed ones follow, and those that are no longer listed are archived. Where policies may hide
 * rows of that table none is archived, and `note` says so.
 */
export async function syncTenants(
  actor: Actor,
  databaseId: string,
  onProgress: (progress: { done: number; total: null; line: string }) => Promise<void> = async () => {},
): Promise<{ tenants: number; archived: number; note?: string }> {
  authorise(actor, "databases.manage");
  const { model, database } = await readStoredModel(databaseId);
  if (model.ownTenantKey !== null && model.homeDatabaseId !== null) {
    const { ownTenantKey, homeDatabaseId } = model;
    const schema = model.tables.find((table) => table.class === "tenant")?.schema ?? "public";
    await inControl(actor, (_tx, client) =>
      placeOwn(client, { databaseId, homeDatabaseId, key: ownTenantKey, schema }),
    );
    return { tenants: 1, archived: 0 };
  }
  if (!model.tenantsTable) return { tenants: 0, archived: 0 };
  const source = await readSource(databaseId, model.tenantsTable, model.tables, database.name);
  let after: string | null = null;
  let done = 0;
  for (;;) {
    const rows: SourceTenant[] = await readChunk(databaseId, source, after);
    if (rows.length === 0) break;
    await inControl(actor, (_tx, client) => keepTenants(client, databaseId, source.table.schema, rows), {
      limits: limits.long,
    });
    done += rows.length;
    after = rows.at(-1)?.key ?? null;
    await onProgress({ done, total: null, line: `${done} tenants read` });
  }
  const ask = (keys: string[]) => listed(databaseId, source, keys);
  const archived = (await ask([])) && (await archiveUnlisted(actor, databaseId, ask));
  if (archived !== null) return { tenants: done, archived };
  const { schema, table: name } = source.table;
  const note = `Row security of ${schema}.${name} may hide tenants from the console's role: none was archived.`;
  await onProgress({ done, total: null, line: note });
  return { tenants: done, archived: 0, note };
}

async function readSource(databaseId: string, table: NamedTable, tables: TableModel[], name: string): Promise<Source> {
  return withDatabase(
    databaseId,
    async (client) => {
      const catalog = await readCatalog(client);
      const known = catalog.tables.find((one) => one.schema === table.schema && one.name === table.table);
      const keyType = known?.columns.find((column) => column.name === table.key)?.type;
      if (!keyType) {
        throw new Refusal("conflict", `${name} no longer has the tenants table ${table.schema}.${table.table}.`, {
          fix: "Choose the tenants table again in its model.",
        });
      }
      const softDelete =
        tables.find((one) => one.schema === table.schema && one.name === table.table)?.softDelete ?? null;
      return { table, keyType, softDelete, schemas: await readTenantSchemas(client, catalog, table) };
    },
    { limits: limits.long },
  );
}

async function readChunk(
  databaseId: string,
  { table, keyType, softDelete, schemas }: Source,
  after: string | null,
): Promise<SourceTenant[]> {
  // Qualified: a bare "key" in ORDER BY would be the answer's text, which sorts 10 before 9.
  const key = `source.${pg.escapeIdentifier(table.key)}`;
  const column = (name: string | null): string => (name === null ? "NULL" : `${pg.escapeIdentifier(name)}::text`);
  const gone =
    softDelete === null
      ? "false"
      : `${pg.escapeIdentifier(softDelete.column)} IS ${softDelete.kind === "boolean" ? "TRUE" : "NOT NULL"}`;
  const { rows } = await withDatabase(
    databaseId,
    (client) =>
      client.query<Omit<SourceTenant, "tenantSchema">>(
        `SELECT ${key}::text AS key,
                left(${column(table.name)}, 200) AS name,
                left(${column(table.slug)}, 200) AS slug,
                ${gone} AS gone
           FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)} AS source
          WHERE ${after === null ? "$1::text IS NULL" : `${key} > $1::${keyType}`}
          ORDER BY ${key}
          LIMIT ${chunkSize}`,
        [after],
      ),
    { limits: limits.long },
  );
  const schemaOf = new Map([...schemas].map(([schema, owner]) => [owner, schema]));
  return rows.map((row) => ({
    ...row,
    name: row.name ?? `${table.table} ${row.key}`,
    tenantSchema: schemaOf.get(row.key) ?? null,
  }));
}

/** Which of these keys the tenants table still lists; null where policies may hide some. */
async function listed(databaseId: string, { table, keyType }: Source, keys: string[]): Promise<Set<string> | null> {
  const key = pg.escapeIdentifier(table.key);
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<{ key: string }>(
      `SELECT ${key}::text AS key
         FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)}
        WHERE ${key} = ANY ($1::${keyType}[])`,
      [keys],
    );
    const hidden = await hiddenTables(client, [{ schema: table.schema, name: table.table }]);
    return hidden.length > 0 ? null : new Set(rows.map((row) => row.key));
  });
}
