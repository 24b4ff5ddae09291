import { activeView, activeViewStatements, dropActiveViewStatements } from "../../managed/active-view.ts";
import { archiveFingerprint, archiveStatements, dropArchiveStatements } from "../../managed/archive.ts";
import { type CapturedTable, captureFingerprint, captureStatements, releaseStatements } from "../../managed/capture.ts";
import { installedVersion, installStatements } from "../../managed/install.ts";
import { dropRowSecurityStatements, rowSecurityStatements } from "../../managed/row-security.ts";
import { own, type Statement } from "../../managed/statement.ts";
import { tableKey } from "../classify/table-key.ts";
import type { Desired, LiveView } from "./desired.ts";
import { nameOf, viewLacks } from "./drift.ts";
import type { Installed, InstalledView } from "./installed.ts";
import { logIndexUnits } from "./log-indexes.ts";
import { logStageUnits } from "./log-stages.ts";
import { exemptOwner, unsecuredOf } from "./secured.ts";
import type { Surroundings } from "./surroundings.ts";

/** Statements that stand or fall together: they run in one transaction, so that each lock is held for milliseconds only. */
export interface PlanUnit {
  name: string;
  statements: Statement[];
}

/** What leads from what is installed to what the model asks for. Empty when nothing is left to do. */
export function unitsOf(
  desired: Desired,
  installed: Installed,
  around: Surroundings,
  applicationRole: string | null,
): PlanUnit[] {
  return [
    ...installUnits(installed, around),
    ...releaseUnits(desired, installed),
    ...captureUnits(desired, installed),
    ...archiveUnits(desired, installed),
    ...unsecureUnits(desired, installed),
    ...secureUnits(desired, installed, around, applicationRole),
    ...viewUnits(desired, installed, applicationRole),
  ];
}

function installUnits(installed: Installed, around: Surroundings): PlanUnit[] {
  if (installed.version === installedVersion) return [];
  const createRoles = around.mayCreateRoles || around.rolesExist;
  const partitions = own(
    "partitions of caretaker.audit_logs",
    "This month's and the next three: the worker makes further ones in time.",
    "SELECT caretaker.ensure_partitions(3)",
  );
  return [
    ...logStageUnits(installed),
    ...logIndexUnits(installed),
    {
      name: "schema caretaker",
      statements: [...installStatements({ owner: around.user, createRoles }), partitions],
    },
  ];
}

function captureUnits(desired: Desired, installed: Installed): PlanUnit[] {
  return desired.captured
    .filter((table) => !isCaptured(table, installed))
    .map((table) => ({ name: `capture of ${nameOf(table)}`, statements: captureStatements(table) }));
}

function isCaptured(table: CapturedTable, installed: Installed): boolean {
  const known = installed.captures.get(tableKey(table));
  return known?.fingerprint === captureFingerprint(table) && !installed.faults.has(tableKey(table));
}

function archiveUnits(desired: Desired, installed: Installed): PlanUnit[] {
  const kept = new Set(desired.archived.map(tableKey));
  return [
    ...[...installed.archives.values()]
      .filter((table) => !kept.has(tableKey(table)))
      .map((table) => ({ name: `archive of ${nameOf(table)}`, statements: dropArchiveStatements(table) })),
    ...desired.archived
      .filter((table) => installed.archives.get(tableKey(table))?.fingerprint !== archiveFingerprint(table))
      .map((table) => ({ name: `archive of ${nameOf(table)}`, statements: archiveStatements(table) })),
  ];
}

function releaseUnits(desired: Desired, installed: Installed): PlanUnit[] {
  const kept = new Set(desired.captured.map(tableKey));
  return [...installed.captures.values()]
    .filter((table) => !kept.has(tableKey(table)))
    .map((table) => ({ name: `release of ${nameOf(table)}`, statements: releaseStatements(table) }));
}

function secureUnits(
  desired: Desired,
  installed: Installed,
  around: Surroundings,
  applicationRole: string | null,
): PlanUnit[] {
  if (applicationRole === null) return [];
  return unsecuredOf(desired, installed, around.user, applicationRole).map((table) => ({
    name: `row security of ${nameOf(table)}`,
    statements: rowSecurityStatements(table, applicationRole, {
      exempt: exemptOwner(table, around.user, applicationRole),
    }),
  }));
}

function unsecureUnits(desired: Desired, installed: Installed): PlanUnit[] {
  const kept = new Set(desired.secured.map(tableKey));
  return [...installed.secured.values()].filter((table) => !kept.has(tableKey(table))).map(unsecureUnit);
}

export function unsecureUnit(table: {
  schema: string;
  name: string;
  wasEnabled: boolean;
  wasForced: boolean;
}): PlanUnit {
  return {
    name: `row security of ${nameOf(table)}`,
    statements: dropRowSecurityStatements(table, { enabled: table.wasEnabled, forced: table.wasForced }),
  };
}

function viewUnits(desired: Desired, installed: Installed, applicationRole: string | null): PlanUnit[] {
  const wanted = new Set(desired.views.map((table) => tableKey({ ...table, name: activeView(table.name) })));
  const dropped = [...installed.views.values()].filter((view) => view.ours && !wanted.has(tableKey(view)));
  const made = desired.views.filter((table) => viewLacks(table, viewOf(table, installed)) !== null);
  return [
    ...dropped.map(dropViewUnit),
    ...made.map((table) => {
      const stands = viewOf(table, installed);
      const anew = stands?.columns.some((column, at) => column !== table.columns[at]) ?? false;
      return {
        name: `view of the live rows of ${nameOf(table)}`,
        statements: activeViewStatements(table, table.softDelete, applicationRole, anew),
      };
    }),
  ];
}

export function dropViewUnit(view: { schema: string; name: string }): PlanUnit {
  return { name: `view ${nameOf(view)}`, statements: dropActiveViewStatements(view) };
}

function viewOf(table: LiveView, installed: Installed): InstalledView | undefined {
  return installed.views.get(tableKey({ ...table, name: activeView(table.name) }));
}
