import { quote } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";

/** SQL that is true for a live row; `alias` is the row's, with its dot, or nothing. */
export function isLive({ softDelete: { column, kind } }: Pick<SoftTable, "softDelete">, alias = ""): string {
  return kind === "boolean" ? `${alias}${quote(column)} IS NOT TRUE` : `${alias}${quote(column)} IS NULL`;
}

/** SQL that is true for a row marked as deleted. */
export function isMarked({ softDelete: { column, kind } }: Pick<SoftTable, "softDelete">, alias = ""): string {
  return kind === "boolean" ? `${alias}${quote(column)} IS TRUE` : `${alias}${quote(column)} IS NOT NULL`;
}

const identifierBytesMax = 63;

/** A name made of another and an ending, within what PostgreSQL keeps of it. */
export function nameWith(name: string, ending: string): string {
  let kept = name;
  while (Buffer.byteLength(kept + ending) > identifierBytesMax) kept = kept.slice(0, -1);
  return kept + ending;
}
