import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { auditedFor } from "../../audit/scope.ts";
import { askAll, consoleDatabase } from "../../fleet.ts";
import { quoteTable } from "../../managed/row-key.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { type SoftTable, softTables } from "../bin/soft-tables.ts";
import { uniquesThatBlock } from "./blocking-uniques.ts";
import type { DatabaseHealth, Finding, HealthQuery, SoftDeleteHealth, TableHealth } from "./contract.ts";
import { missingIndexes } from "./indexes.ts";
import { pointingAtDeleted } from "./pointing.ts";
import { viewsOfLiveRows } from "./views.ts";
import { weightsOf } from "./weight.ts";

/** Long enough to look at foreign keys of big tables, which is done once a page. */
const timeoutMs = 15_000;

/** How healthy the soft deletes of the adopted databases are, table by table, from their catalogs and their rows. */
export async function softDeleteHealth(actor: Actor, { database }: HealthQuery): Promise<SoftDeleteHealth> {
  authorise(actor, "records.read");
  const audited = (await auditedFor({ database })).filter(({ id }) => id !== consoleDatabase);
  const names = new Map(audited.map(({ id, name }) => [id, name]));
  const ask = async (client: pg.PoolClient, id: string): Promise<DatabaseHealth> => {
    const { tables } = await softTables(client, await managedTablesOf(id));
    return { database: id, databaseName: names.get(id) ?? id, tables: await healthOf(client, tables) };
  };
  const { answers, silent } = await askAll([...names.keys()], ask, timeoutMs);
  return { databases: answers.map(({ value }) => value), silent };
}

async function healthOf(client: pg.PoolClient, tables: readonly SoftTable[]): Promise<TableHealth[]> {
  const weights = await weightsOf(client, tables);
  const findings: Map<string, Finding[]>[] = [
    await uniquesThatBlock(client, tables),
    await missingIndexes(client, tables, weights),
    await viewsOfLiveRows(client, tables),
  ];
  const pointing = await pointingAtDeleted(client, tables);
  return tables.map((table) => {
    const name = quoteTable(table);
    const weight = weights.get(name);
    const of = pointing.get(name);
    return {
      schema: table.schema,
      table: table.name,
      column: table.softDelete.column,
      rows: weight?.rows ?? 0,
      marked: weight?.marked ?? null,
      findings: [...findings.flatMap((found) => found.get(name) ?? []), ...(of?.findings ?? [])].sort(bySeverity),
      unknown: of?.unknown ?? [],
    };
  });
}

function bySeverity(a: Finding, b: Finding): number {
  return Number(a.severity === "note") - Number(b.severity === "note");
}
