import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { inDatabase } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { lockTenant } from "../lock.ts";
import type { TenantReference } from "./contract.ts";
import { refuseLeaving } from "./exclude.ts";
import { ownRow, readOwnRow } from "./own-row.ts";
import { type LivingTenant, livingTenant, speakPlainly, type TenantTable, tablesOf } from "./tables.ts";
import { type GrowingFile, type StoredFile, storeFile } from "./write-file.ts";

/** Asks for everything of one tenant as a file: one line of JSON a row. Answers the job's id. */
export async function exportTenant(actor: Actor, { tenantId }: TenantReference): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const tenant = await livingTenant(tenantId);
  return await inControl(actor, async (_tx, client) => {
    await lockTenant(client, tenantId);
    await refuseLeaving(client, tenant);
    const job = { kind: "tenants.export", title: `Export of ${tenant.name}`, input: { tenantId } };
    return { jobId: await enqueueWith(client, actor, job) };
  });
}

export interface Exported extends StoredFile {
  rows: number;
  tables: Record<string, number>;
}

/** All rows as they are at one moment, with the row that lists the tenant. */
export async function writeExport(actor: Actor, tenant: LivingTenant): Promise<Exported> {
  const tables: Record<string, number> = {};
  const stored = await storeFile(tenant.id, "ndjson", async (file) => {
    await inDatabase(actor, tenant.databaseId, (client) => writeRows(client, file, tenant, tables), {
      isolation: "REPEATABLE READ",
      limits: limits.long,
    });
  });
  return { ...stored, tables, rows: Object.values(tables).reduce((sum, rows) => sum + rows, 0) };
}

// No JSON holds these characters bare, so that each row is printed as it is.
const bare = "(FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')";

async function writeRows(
  client: pg.PoolClient,
  file: GrowingFile,
  tenant: LivingTenant,
  counts: Record<string, number>,
): Promise<void> {
  await client.query("SET LOCAL row_security = off");
  await speakPlainly(client);
  const own = ownRow(tenant);
  const tables = await tablesOf(tenant);
  const { rows } = await client.query<{ at: string }>("SELECT now()::text AS at");
  await file.line(
    JSON.stringify({
      export: {
        tenant: tenant.key,
        name: tenant.name,
        at: rows[0]?.at,
        tables: [own, ...tables].map((one) => `${one.schema}.${one.name}`),
      },
    }),
  );
  await readOwnRow(client, tenant, (where) => writeTable(where, file, own, counts));
  for (const table of tables) await writeTable(client, file, table, counts);
  await file.line(JSON.stringify({ end: { rows: counts } }));
}

async function writeTable(
  client: pg.PoolClient,
  file: GrowingFile,
  table: TenantTable,
  counts: Record<string, number>,
): Promise<void> {
  const name = `${table.schema}.${table.name}`;
  const from = `${relation(table.schema, table.name)} caretaker_row WHERE ${table.condition}`;
  const { rows } = await client.query<{ rows: string }>(`SELECT count(*)::text AS rows FROM ${from}`);
  counts[name] = Number(rows[0]?.rows ?? 0);
  const named = client.escapeLiteral(name);
  await file.copy(
    client,
    `COPY (SELECT json_build_object('table', ${named}::text, 'row', to_json(caretaker_row))::text FROM ${from}) TO STDOUT ${bare}`,
  );
}
