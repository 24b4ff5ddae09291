import { identifier, type Statement } from "../../statement.ts";
import type { Column, Definition, Table } from "../definition.ts";
import type { Naming } from "../naming.ts";
import { made } from "./made.ts";
import { sequenceOptions } from "./sequences.ts";

/** A table with its columns and checks; keys, indexes and the rest come after the rows. */
export function tableStatements(table: Table, definition: Definition, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const body = table.parent === null ? columnsAndChecks(table, definition, naming) : checksOf(table, naming);
  const from = table.parent === null ? "" : ` PARTITION OF ${naming.own(table.parent)}`;
  const listed = body.length > 0 || table.parent === null ? ` (\n  ${body.join(",\n  ")}\n)` : "";
  const sql = [
    `CREATE ${table.unlogged ? "UNLOGGED " : ""}TABLE ${name}${from}${listed}`,
    table.bound === null ? "" : naming.text(table.bound),
    table.partitionKey === null ? "" : `PARTITION BY ${naming.text(table.partitionKey)}`,
    table.accessMethod === null ? "" : `USING ${identifier(table.accessMethod)}`,
    table.options === null ? "" : `WITH (${table.options.map(storageOption).join(", ")})`,
  ];
  const why = table.parent === null ? "The table, with its columns and checks." : "A part of its table.";
  return [
    made(`table ${name}`, why, sql.filter((part) => part !== "").join(" ")),
    ...table.columns.flatMap((column) => columnDetails(column, table, naming)),
    ...ownDefaults(table, definition, naming),
  ];
}

/** As the catalog keeps them: "fillfactor=70". */
export function storageOption(option: string): string {
  const at = option.indexOf("=");
  return `${option.slice(0, at)} = '${option.slice(at + 1).replaceAll("'", "''")}'`;
}

function columnsAndChecks(table: Table, definition: Definition, naming: Naming): string[] {
  return [...table.columns.map((column) => columnLine(column, table, definition, naming)), ...checksOf(table, naming)];
}

export function isUnproven(definition: Table["checks"][number]["definition"]): boolean {
  const last = definition.at(-1);
  return typeof last === "string" && last.endsWith(" NOT VALID");
}

function checksOf(table: Table, naming: Naming): string[] {
  return table.checks
    .filter((check) => !isUnproven(check.definition))
    .map((check) => `CONSTRAINT ${identifier(check.name)} ${naming.text(check.definition)}`);
}

function columnLine(column: Column, table: Table, definition: Definition, naming: Naming): string {
  const parts = [identifier(column.name), naming.text(column.type)];
  if (column.compression !== null) parts.push(`COMPRESSION ${column.compression}`);
  if (column.collation !== null) parts.push(`COLLATE ${column.collation}`);
  if (column.notNull) parts.push("NOT NULL");
  if (column.identity !== "") parts.push(identityOf(column, table, definition, naming));
  else if (column.expression !== null) parts.push(expressionOf(column, naming));
  return parts.join(" ");
}

function expressionOf(column: Column, naming: Naming): string {
  const text = naming.text(column.expression ?? []);
  if (column.generated === "") return `DEFAULT ${text}`;
  return `GENERATED ALWAYS AS (${text}) ${column.generated === "v" ? "VIRTUAL" : "STORED"}`;
}

function identityOf(column: Column, table: Table, definition: Definition, naming: Naming): string {
  const sequence = definition.sequences.find(
    (one) => one.identity && one.table === table.name && one.column === column.name,
  );
  const options = sequence ? ` (SEQUENCE NAME ${naming.own(sequence.name)} ${sequenceOptions(sequence)})` : "";
  return `GENERATED ${column.identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY${options}`;
}

function columnDetails(column: Column, table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const alter = `ALTER TABLE ${table.parent === null ? "ONLY " : ""}${name} ALTER COLUMN ${identifier(column.name)}`;
  const object = `column ${name}.${identifier(column.name)}`;
  const why = "As the original's.";
  return [
    ...(column.storage === null || table.parent !== null
      ? []
      : [made(object, why, `${alter} SET STORAGE ${column.storage}`)]),
    ...(column.statistics === null ? [] : [made(object, why, `${alter} SET STATISTICS ${column.statistics}`)]),
    ...(column.options === null
      ? []
      : [made(object, why, `${alter} SET (${column.options.map(storageOption).join(", ")})`)]),
  ];
}

/** Where a partition's default differs from its table's. */
function ownDefaults(table: Table, definition: Definition, naming: Naming): Statement[] {
  const parent = definition.tables.find((one) => one.name === table.parent);
  if (!parent) return [];
  return table.columns.flatMap((column) => {
    const above = parent.columns.find((one) => one.name === column.name);
    if (!above || column.generated !== "" || column.identity !== "") return [];
    const mine = column.expression === null ? null : naming.text(column.expression);
    const theirs = above.expression === null ? null : naming.text(above.expression);
    if (mine === theirs) return [];
    const name = naming.own(table.name);
    const change = mine === null ? "DROP DEFAULT" : `SET DEFAULT ${mine}`;
    return [
      made(
        `column ${name}.${identifier(column.name)}`,
        "A default of this part alone.",
        `ALTER TABLE ${name} ALTER COLUMN ${identifier(column.name)} ${change}`,
      ),
    ];
  });
}
