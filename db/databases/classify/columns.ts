import { secretAnywhere, secretLastWords, secretPairs } from "../../managed/secret-names.ts";
import type { SoftDelete } from "../../schema/fleet.ts";
import type { CatalogColumn, CatalogTable } from "../catalog.ts";
import { squeezed, words } from "./words.ts";

const moments = new Set(["timestamp", "timestamptz", "date"]);

// Best first: "deleted" says it outright, "archived" may mean something else.
const softDeleteMoments = [
  "deletedat",
  "deletedon",
  "deleteddate",
  "deletiondate",
  "removedat",
  "discardedat",
  "trashedat",
  "destroyedat",
  "archivedat",
];
const softDeleteFlags = [
  "isdeleted",
  "deleted",
  "isremoved",
  "removed",
  "discarded",
  "isdiscarded",
  "trashed",
  "istrashed",
  "archived",
  "isarchived",
];

export function softDeleteOf(table: CatalogTable): SoftDelete | null {
  const moment = named(table, softDeleteMoments, (column) => moments.has(column.baseType));
  if (moment) return { column: moment.name, kind: "timestamp" };
  const flag = named(table, softDeleteFlags, (column) => column.baseType === "bool");
  return flag ? { column: flag.name, kind: "boolean" } : null;
}

function named(
  table: CatalogTable,
  names: string[],
  fits: (column: CatalogColumn) => boolean,
): CatalogColumn | undefined {
  const usable = table.columns.filter((column) => !column.generated && fits(column));
  return names.flatMap((name) => usable.filter((column) => squeezed(column.name) === name)).at(0);
}

const secretTypes = new Set([
  "text",
  "varchar",
  "bpchar",
  "bytea",
  "json",
  "jsonb",
  "uuid",
  "citext",
  "_text",
  "_varchar",
]);
/** Columns whose values must never be copied into the log. What identifies a row or points at another is never among them. */
export function secretsOf(table: CatalogTable, key: string[]): string[] {
  const pointing = new Set(table.foreignKeys.flatMap((foreignKey) => foreignKey.columns));
  return table.columns
    .filter((column) => secretTypes.has(column.baseType) && !key.includes(column.name) && !pointing.has(column.name))
    .filter((column) => isSecret(words(column.name)))
    .map((column) => column.name);
}

function isSecret(parts: string[]): boolean {
  const last = parts.at(-1) ?? "";
  const phrase = parts.join(" ");
  if (parts.length === 1 && last === "key") return true;
  if (secretLastWords.includes(last) || parts.some((part) => secretAnywhere.includes(part))) return true;
  return secretPairs.some((pair) => phrase.endsWith(pair));
}

const touched = new Set([
  ...[
    "updatedat",
    "updatedon",
    "modifiedat",
    "modifiedon",
    "lastupdate",
    "lastupdated",
    "lastmodified",
    "lastmodifiedat",
  ],
  ...["lastseenat", "lastusedat", "lastactiveat", "touchedat", "mtime", "lockversion", "xmin"],
]);

/** Columns that change with every write and say nothing by themselves. Only suggested: leaving them out loses detail. */
export function suggestedIgnored(table: CatalogTable): string[] {
  return table.columns.filter((column) => touched.has(squeezed(column.name))).map((column) => column.name);
}

/** The primary key, else the shortest unique key without nulls; empty when a row cannot be told from another. */
export function keyOf(table: CatalogTable): string[] {
  if (table.primaryKey.length > 0) return table.primaryKey;
  return table.uniqueKeys.find((unique) => unique.notNull)?.columns ?? [];
}
