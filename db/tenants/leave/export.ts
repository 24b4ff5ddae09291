import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { inDatabase } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { lockTenant } from "../lock.ts";
import type { ExportFormat, ExportTenant } from "./contract.ts";
import { refuseLeaving } from "./exclude.ts";
import { ownRow, readOwnRow } from "./own-row.ts";
import { type LivingTenant, livingTenant, nameOf, speakPlainly, type TenantTable, tablesOf } from "./tables.ts";
import { type GrowingFile, type StoredFile, storeFile, type Writer } from "./write-file.ts";

const formatNames: Record<ExportFormat, string> = { ndjson: "NDJSON", dump: "a dump" };

/** Asks for everything of one tenant as a file. Answers the job's id. */
export async function exportTenant(actor: Actor, { tenantId, format }: ExportTenant): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const tenant = await livingTenant(tenantId);
  return await inControl(actor, async (_tx, client) => {
    await lockTenant(client, tenantId);
    await refuseLeaving(client, tenant);
    const title = `Export of ${tenant.name} as ${formatNames[format]}`;
    return { jobId: await enqueueWith(client, actor, { kind: "tenants.export", title, input: { tenantId, format } }) };
  });
}

export interface Exported extends StoredFile {
  rows: number;
  tables: Record<string, number>;
}

/** All rows as they are at one moment, with the row that lists the tenant: one line of JSON each. */
export async function writeNdjson(writer: Writer, tenant: LivingTenant): Promise<Exported> {
  const tables: Record<string, number> = {};
  const stored = await storeFile(writer, tenant.id, "ndjson", async (file) => {
    await inDatabase(writer.actor, tenant.databaseId, (client) => writeRows(client, file, tenant, tables), {
      isolation: "REPEATABLE READ",
      limits: limits.bulk,
      signal: writer.signal,
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
  let expected = 1;
  for (const table of tables) expected += counts[nameOf(table)] = await countOf(client, table);
  file.expect(expected);
  const { rows } = await client.query<{ at: string }>("SELECT now()::text AS at");
  await file.line(
    JSON.stringify({
      export: {
        tenant: tenant.key,
        name: tenant.name,
        at: rows[0]?.at,
        tables: [own, ...tables].map(nameOf),
      },
    }),
  );
  await readOwnRow(client, tenant, async (where) => {
    counts[nameOf(own)] = await countOf(where, own);
    await writeTable(where, file, own);
  });
  for (const table of tables) await writeTable(client, file, table);
  await file.line(JSON.stringify({ end: { rows: counts } }));
}

async function countOf(client: pg.PoolClient, table: TenantTable): Promise<number> {
  const { rows } = await client.query<{ rows: string }>(`SELECT count(*)::text AS rows FROM ${rowsOf(table)}`);
  return Number(rows[0]?.rows ?? 0);
}

async function writeTable(client: pg.PoolClient, file: GrowingFile, table: TenantTable): Promise<void> {
  const named = client.escapeLiteral(nameOf(table));
  await file.copy(
    client,
    nameOf(table),
    `COPY (SELECT json_build_object('table', ${named}::text, 'row', to_json(caretaker_row))::text FROM ${rowsOf(table)}) TO STDOUT ${bare}`,
  );
}

function rowsOf({ schema, name, condition }: TenantTable): string {
  return `${relation(schema, name)} caretaker_row WHERE ${condition}`;
}
