import { activeView } from "../../managed/active-view.ts";
import { archiveFingerprint } from "../../managed/archive.ts";
import { captureFingerprint } from "../../managed/capture.ts";
import { installedVersion } from "../../managed/install.ts";
import type { Catalog } from "../catalog.ts";
import { lostWay } from "../classify/lost-way.ts";
import { setAsideBecause } from "../classify/set-aside.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, Drift } from "../contract.ts";
import type { Desired, LiveView, Secured } from "./desired.ts";
import type { Installed, InstalledView } from "./installed.ts";

const confirmAgain = "Open the model, decide about it, and apply the new plan.";
const applyAgain = "Apply the plan again.";

/** What has changed in the database since the model was confirmed and applied. Empty when both agree. */
export function driftOf(
  model: DatabaseModel,
  catalog: Catalog,
  desired: Desired,
  installed: Installed,
  unsecured: readonly Secured[],
): Drift[] {
  if (model.tables.length === 0) return [];
  return [
    ...newTables(model, catalog),
    ...goneTables(model, catalog),
    ...goneColumns(model, catalog),
    ...goneWays(model, catalog),
    ...(installed.version === null ? [] : captureDrift(desired, installed)),
    ...(installed.version === null ? [] : securityDrift(unsecured, installed)),
    ...(installed.version === null ? [] : versionDrift(installed)),
    ...(installed.version === null ? [] : viewDrift(desired, installed)),
    ...(installed.version === null ? [] : archiveDrift(desired, installed)),
  ];
}

function newTables(model: DatabaseModel, catalog: Catalog): Drift[] {
  const known = new Set(model.tables.map(tableKey));
  return catalog.tables
    .filter((table) => !known.has(tableKey(table)) && setAsideBecause(table) === null)
    .map((table) => ({
      table: nameOf(table),
      what: "It is new: nobody has said what it is, and it is not audited.",
      fix: confirmAgain,
    }));
}

function goneTables(model: DatabaseModel, catalog: Catalog): Drift[] {
  const present = new Set(catalog.tables.map(tableKey));
  return model.tables
    .filter((table) => !present.has(tableKey(table)))
    .map((table) => ({ table: nameOf(table), what: "It is gone.", fix: "Propose the model anew and confirm it." }));
}

function goneColumns(model: DatabaseModel, catalog: Catalog): Drift[] {
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  return model.tables.flatMap((table) => {
    const columns = new Set(tables.get(tableKey(table))?.columns.map((column) => column.name));
    const named = [
      table.tenantColumn,
      table.softDelete?.column,
      ...table.primaryKey,
      ...table.maskedColumns,
      ...table.ignoredColumns,
    ];
    const gone = [...new Set(named.filter((name) => typeof name === "string" && !columns.has(name)))];
    if (columns.size === 0 || gone.length === 0) return [];
    const word = gone.length === 1 ? "column" : "columns";
    return [
      {
        table: nameOf(table),
        what: `The model names the ${word} ${gone.join(", ")}, which it no longer has.`,
        fix: confirmAgain,
      },
    ];
  });
}

function goneWays(model: DatabaseModel, catalog: Catalog): Drift[] {
  const columns = new Map(catalog.tables.map((table) => [tableKey(table), table.columns.map(({ name }) => name)]));
  return model.tables.flatMap((table) => {
    const lost = columns.has(tableKey(table)) ? lostWay(table, columns) : [];
    if (lost.length === 0) return [];
    const what = `Its way to a tenant leads over ${lost.join(", ")}, which is gone: its rows do not tell whose they are.`;
    return [{ table: nameOf(table), what, fix: confirmAgain }];
  });
}

function captureDrift(desired: Desired, installed: Installed): Drift[] {
  return desired.captured.flatMap((table) => {
    const capture = installed.captures.get(tableKey(table));
    const fault = installed.faults.get(tableKey(table));
    if (!capture) return [{ table: nameOf(table), what: "It is to be audited and is not yet.", fix: applyAgain }];
    if (fault) return [{ table: nameOf(table), what: fault, fix: applyAgain }];
    if (capture.fingerprint === captureFingerprint(table)) return [];
    return [
      {
        table: nameOf(table),
        what: "Its columns or its part in the model have changed since capture was generated.",
        fix: applyAgain,
      },
    ];
  });
}

function securityDrift(unsecured: readonly Secured[], installed: Installed): Drift[] {
  return unsecured.map((table) => ({
    table: nameOf(table),
    what: installed.secured.has(tableKey(table))
      ? "Its row security is not as the model asks: a policy, its roles, or whether it is forced has changed."
      : "It is to have row security and has none yet.",
    fix: applyAgain,
  }));
}

function archiveDrift(desired: Desired, installed: Installed): Drift[] {
  return desired.archived
    .filter((table) => installed.archives.get(tableKey(table))?.fingerprint !== archiveFingerprint(table))
    .map((table) => ({
      table: nameOf(table),
      what: "The archive of its removed rows is not as the model asks.",
      fix: applyAgain,
    }));
}

function versionDrift(installed: Installed): Drift[] {
  if (installed.version === installedVersion) return [];
  const what = `Version ${installed.version} is installed, and this is version ${installedVersion}.`;
  return [{ table: "caretaker", what, fix: applyAgain }];
}

function viewDrift(desired: Desired, installed: Installed): Drift[] {
  return desired.views.flatMap((table) => {
    const what = viewLacks(table, installed.views.get(tableKey({ ...table, name: activeView(table.name) })));
    return what === null ? [] : [{ table: nameOf(table), what, fix: applyAgain }];
  });
}

/** What the view of a table's live rows lacks; null when it is in step, or is somebody else's, which stays as it is. */
export function viewLacks(table: LiveView, view: InstalledView | undefined): string | null {
  const name = activeView(table.name);
  if (view === undefined) return `The view ${name} of its live rows is not there.`;
  if (!view.ours || view.columns.join("\0") === table.columns.join("\0")) return null;
  return `The view ${name} does not show its columns as they are now.`;
}

export function nameOf(table: { schema: string; name: string }): string {
  return `${table.schema}.${table.name}`;
}
