import type { ColumnClass, UnclassifiedColumn } from "../../audit/coverage/contract.ts";
import type { CatalogColumn, CatalogTable } from "../catalog.ts";
import { secretsOf } from "../classify/columns.ts";
import { squeezed, thing, words } from "../classify/words.ts";
import type { TableModel } from "../contract.ts";
import { type ColumnClasses, columnKey } from "./column-classes.ts";

// Types that hold no more about a person than a number or a moment does.
const plainTypes = new Set(["bool", "int2", "int4", "int8", "numeric", "float4", "float8", "uuid", "oid", "interval"]);
const plainMoments = new Set(["timestamp", "timestamptz", "time", "timetz", "tsvector"]);

const personalWords = new Set([
  ...["email", "mail", "phone", "mobile", "telephone", "fax", "street", "city", "zip", "postcode", "postal", "address"],
  ...[
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "gender",
    "sex",
    "age",
    "nationality",
    "passport",
    "religion",
    "ethnicity",
  ],
  ...["firstname", "lastname", "surname", "fullname", "displayname", "username", "nickname", "login", "signature"],
  ...["ip", "avatar", "photo", "picture", "latitude", "longitude", "location", "salary", "diagnosis", "recipient"],
]);
const personalPairs = [
  "first name",
  "last name",
  "full name",
  "display name",
  "user name",
  "middle name",
  "user agent",
  "tax id",
];
const people = new Set([
  "user",
  "person",
  "member",
  "customer",
  "contact",
  "employee",
  "staff",
  "profile",
  "guest",
  "patient",
  "lead",
  "signer",
  "recipient",
]);

/** Columns that can hold a value of somebody's and of which nobody has said so. What points at other rows is not among them. */
export function unclassifiedOf(table: CatalogTable, model: TableModel, classes: ColumnClasses): UnclassifiedColumn[] {
  const structural = new Set([
    ...table.primaryKey,
    ...model.primaryKey,
    ...table.foreignKeys.flatMap(({ columns }) => columns),
    ...model.maskedColumns,
    model.tenantColumn,
    model.softDelete?.column,
  ]);
  const secrets = new Set(secretsOf(table, model.primaryKey));
  return table.columns
    .filter(({ name, generated }) => !generated && !structural.has(name))
    .filter(({ name }) => !classes.has(columnKey(table.schema, table.name, name)))
    .map((column) => ({ name: column.name, type: column.type, suggested: suggestion(column, table, secrets) }));
}

/** The same of a tenant's copy of a table: only what is masked in the one that speaks for it and not here, in a copy made since. */
export function unclassifiedOfCopy(
  table: CatalogTable,
  model: TableModel,
  speaker: TableModel,
  classes: ColumnClasses,
): UnclassifiedColumn[] {
  return unclassifiedOf(table, model, classes)
    .filter(({ name }) => speaker.maskedColumns.includes(name))
    .map((column) => ({ ...column, suggested: "secret" }));
}

function suggestion(column: CatalogColumn, table: CatalogTable, secrets: ReadonlySet<string>): ColumnClass {
  if (secrets.has(column.name)) return "secret";
  const parts = words(column.name);
  if (column.baseType === "inet" || column.baseType === "cidr") return "personal";
  if (plainMoments.has(column.baseType) || column.baseType === "bool") return "plain";
  if (parts.some((part) => personalWords.has(part)) || personalWords.has(squeezed(column.name))) return "personal";
  if (plainTypes.has(column.baseType)) return "plain";
  if (personalPairs.some((pair) => parts.join(" ").endsWith(pair))) return "personal";
  return parts.join(" ") === "name" && people.has(thing(table.name)) ? "personal" : "plain";
}
