import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { type CoveredTable, coverageStates } from "../../audit/coverage/contract.ts";
import { consoleDatabase, withDatabase } from "../../fleet.ts";
import { captureFingerprint } from "../../managed/capture.ts";
import { limits } from "../../transaction.ts";
import { type Catalog, type CatalogTable, readCatalog } from "../catalog.ts";
import { setAsideBecause } from "../classify/set-aside.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, TableModel } from "../contract.ts";
import { type Desired, desiredOf } from "../plan/desired.ts";
import { type Installed, readInstalled } from "../plan/installed.ts";
import { readStoredModel } from "../stored-model.ts";
import { type ColumnClasses, readColumnClasses } from "./column-classes.ts";
import { consoleTables } from "./console-tables.ts";
import { tenantCopies } from "./tenant-copies.ts";
import { unclassifiedOf, unclassifiedOfCopy } from "./unclassified.ts";

/** Every table of a database with whether its writes are recorded, and why or why not; worst first. */
export async function readCoverage(actor: Actor, databaseId: string): Promise<CoveredTable[]> {
  authorise(actor, "audit.read");
  const tables =
    databaseId === consoleDatabase ? await withDatabase(databaseId, consoleTables) : await managed(databaseId);
  const rank = new Map(coverageStates.map((state, at) => [state, at]));
  return tables.sort((a, b) => (rank.get(a.state) ?? 0) - (rank.get(b.state) ?? 0));
}

async function managed(databaseId: string): Promise<CoveredTable[]> {
  const { model } = await readStoredModel(databaseId);
  const classes = await readColumnClasses(databaseId);
  return withDatabase(databaseId, (client) => coverageOn(client, model, classes), {
    limits: limits.long,
    timeoutMs: 20_000,
  });
}

async function coverageOn(
  client: pg.PoolClient,
  model: DatabaseModel,
  classes: ColumnClasses,
): Promise<CoveredTable[]> {
  const catalog = await readCatalog(client);
  const installed = await readInstalled(client);
  const desired = desiredOf(model, catalog);
  return covered(model, catalog, desired, installed, classes);
}

function covered(
  model: DatabaseModel,
  catalog: Catalog,
  desired: Desired,
  installed: Installed,
  classes: ColumnClasses,
): CoveredTable[] {
  const models = new Map(model.tables.map((table) => [tableKey(table), table]));
  const captured = new Map(desired.captured.map((table) => [tableKey(table), captureFingerprint(table)]));
  const speakers = new Map(tenantCopies(model, catalog).map(({ copy, speaker }) => [tableKey(copy), speaker]));
  const unclassified = (table: CatalogTable, known: TableModel) => {
    const speaker = speakers.get(tableKey(table));
    return speaker ? unclassifiedOfCopy(table, known, speaker, classes) : unclassifiedOf(table, known, classes);
  };
  return catalog.tables.map((table) => {
    const key = tableKey(table);
    const known = models.get(key);
    const fingerprint = captured.get(key);
    const standing =
      known && fingerprint !== undefined ? recording(table, fingerprint, installed) : leftOut(table, known);
    return {
      schema: table.schema,
      name: table.name,
      ...standing,
      masked: known?.maskedColumns ?? [],
      ignored: known?.ignoredColumns ?? [],
      unclassified: known?.audited ? unclassified(table, known) : [],
    };
  });
}

type Standing = Pick<CoveredTable, "state" | "why">;

function recording(table: CatalogTable, fingerprint: string, installed: Installed): Standing {
  const fault = installed.faults.get(tableKey(table));
  if (fault) return { state: "off", why: fault };
  const capture = installed.captures.get(tableKey(table));
  if (!capture) return { state: "missing", why: "The model says that it is audited; the plan for it was not applied." };
  if (capture.fingerprint === fingerprint) return { state: "recorded", why: "Every write is recorded." };
  return {
    state: "drifted",
    why: "Writes are recorded, but its columns, its part in the model or Caretaker have changed since capture was generated.",
  };
}

function leftOut(table: CatalogTable, known: TableModel | undefined): Standing {
  if (known) return { state: "left_out", why: `An administrator left it out: ${known.reason}` };
  const reason = setAsideBecause(table);
  if (reason !== null) return { state: "left_out", why: reason };
  return { state: "new", why: "It came after the model was confirmed: nobody has said what it is." };
}
