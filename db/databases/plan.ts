import { createHash } from "node:crypto";
import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import { archiveFingerprint } from "../managed/archive.ts";
import { captureFingerprint } from "../managed/capture.ts";
import { hiddenTables } from "../managed/hidden-tables.ts";
import { installedVersion } from "../managed/install.ts";
import type { Statement } from "../managed/statement.ts";
import { limits } from "../transaction.ts";
import { readCatalog } from "./catalog.ts";
import { tableKey } from "./classify/table-key.ts";
import type { DatabaseModel, Drift, PlanProblem } from "./contract.ts";
import { type ColumnClasses, readColumnClasses } from "./coverage/column-classes.ts";
import { type Desired, desiredOf } from "./plan/desired.ts";
import { driftOf } from "./plan/drift.ts";
import { type Installed, readInstalled } from "./plan/installed.ts";
import { problemsOf } from "./plan/problems.ts";
import { openSecrets } from "./plan/secrets.ts";
import { unsecuredOf } from "./plan/secured.ts";
import { type PlanUnit, unitsOf } from "./plan/statements.ts";
import { readSurroundings } from "./plan/surroundings.ts";
import { readStoredModel } from "./stored-model.ts";

export interface AdoptionPlan {
  database: string;
  statements: Statement[];
  /** The statements by transaction, in the order in which they run. */
  units: PlanUnit[];
  problems: PlanProblem[];
  drift: Drift[];
  /** Of the statements: what was shown is what is run. */
  hash: string;
  /** Of what stands once the plan has run, however far an earlier run got. */
  goal: string;
  audited: number;
  captured: number;
  secured: number;
  installedVersion: number | null;
}

/**
 * Every statement that adopting this database would run, or, once adopted, what is left to run. Nothing is changed. `within`
 * bounds the reading.
 */
export async function planAdoption(
  actor: Actor,
  databaseId: string,
  within: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<AdoptionPlan> {
  authorise(actor, "databases.read");
  const { model } = await readStoredModel(databaseId);
  const classes = await readColumnClasses(databaseId);
  return withDatabase(databaseId, (client) => planOn(client, model, classes), { limits: limits.long, ...within });
}

async function planOn(client: pg.ClientBase, model: DatabaseModel, classes: ColumnClasses): Promise<AdoptionPlan> {
  const catalog = await readCatalog(client);
  const desired = desiredOf(model, catalog);
  const around = await readSurroundings(client, { ...desired, applicationRole: model.applicationRole });
  const installed = await readInstalled(client);
  const unsecured = unsecuredOf(desired, installed, around.user, model.applicationRole);
  const secrets = openSecrets(model, catalog, classes);
  const drift = [
    ...driftOf(model, catalog, desired, installed, unsecured),
    ...(await hiddenDrift(client, model, desired)),
  ];
  const units = model.tables.length === 0 ? [] : unitsOf(desired, installed, around, model.applicationRole);
  const statements = units.flatMap((unit) => unit.statements);
  return {
    database: catalog.database,
    statements,
    units,
    problems: problemsOf(model, catalog, desired, around, installed, { drift, secrets }),
    drift: [...secrets, ...drift],
    hash: hashOf([catalog.database, statements.map(({ sql }) => sql)]),
    goal: hashOf([
      installedVersion,
      desired.captured.map(captureFingerprint),
      desired.archived.map(archiveFingerprint),
      desired.secured,
      model.applicationRole,
    ]),
    audited: desired.captured.length,
    captured: countCaptured(installed),
    secured: desired.secured.length,
    installedVersion: installed.version,
  };
}

/** Tables that are read for what is absent, and of which policies may hide rows once the plan has run. */
async function hiddenDrift(client: pg.ClientBase, model: DatabaseModel, desired: Desired): Promise<Drift[]> {
  const { tenantsTable } = model;
  const read = [
    ...(tenantsTable ? [{ schema: tenantsTable.schema, name: tenantsTable.table }] : []),
    ...model.tables.filter(({ softDelete }) => softDelete !== null),
  ];
  const secured = new Set(desired.secured.map(tableKey));
  const hidden = await hiddenTables(
    client,
    read.filter((table) => !secured.has(tableKey(table))),
  );
  return hidden.map((table) => ({
    table,
    what: "Its policies may hide rows from the console's role: deleted rows are missing, or tenants that are gone are not archived.",
    fix: "Give Caretaker's role BYPASSRLS.",
  }));
}

function countCaptured(installed: Installed): number {
  return [...installed.captures.keys()].filter((key) => !installed.faults.has(key)).length;
}

function hashOf(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
