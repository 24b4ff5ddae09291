import pg from "pg";
import { quote } from "../../../managed/row-key.ts";
import type { TableShape } from "../../table-shape.ts";
import type { Findings, FoundTable } from "../find/findings.ts";
import { nameOf } from "../find/looking.ts";

/** SQL: a JSON object of what of a table's row `t` is the person's to see. */
export function shownSql(table: FoundTable, shape: TableShape, masked: readonly string[], { keys }: Findings): string {
  const key = keys[nameOf(table)] ?? [];
  const names = shape.columns.map(({ name }) => name).filter((name) => !masked.includes(name));
  const personal = new Set(table.columns.map(({ name }) => name));
  const linking = new Set([...key.map(({ name }) => name), ...(table.via?.columns ?? [])]);
  const shown = names.filter((name) => table.kind === "own" || personal.has(name) || linking.has(name));
  const pairs = shown.map((name) => `${pg.escapeLiteral(name)}, t.${quote(name)}`);
  return `json_build_object(${pairs.join(", ")})`;
}
