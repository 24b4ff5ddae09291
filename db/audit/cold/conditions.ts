import { archivedText, keyColumns, textColumns } from "../query/columns.ts";
import { momentBounds } from "../query/contract.ts";
import type { Bind } from "../query/sql.ts";
import type { IsTerm, RangeTerm, Term, TextTerm, Value } from "../query/terms.ts";
import { columnValue, imageText, newText, newValue, pointer } from "./images.ts";

/** The addresses of a file that an `ip` term means: DuckDB has no type for them. */
type AddressesOf = (term: IsTerm | RangeTerm) => readonly string[];

const columns = { ...keyColumns, ...textColumns(archivedText) };

/** One term as DuckDB's SQL over an archived month: what db/audit/query/sql.ts is for the log. Every value is bound as text. */
export function coldTermSql(bind: Bind, term: Term, addressesOf: AddressesOf, now: number): string {
  const sql = positive(bind, term, addressesOf, now);
  return term.negated ? `(${sql}) IS NOT TRUE` : sql;
}

function positive(bind: Bind, term: Term, addressesOf: AddressesOf, now: number): string {
  if (term.op === "text") return textSql(bind, term);
  if (term.field === "ip") return addressSql(bind, term, addressesOf);
  if (term.op === "range") return rangeSql(bind, term, now);
  const held = columns[term.field];
  if (held === undefined) return anyOf(otherSql(bind, term));
  const column = columnSql(bind, held, term.values);
  return term.field === "record" ? anyOf([column, ...renamedSql(bind, term.values)]) : column;
}

function otherSql(bind: Bind, { field, key = "", values }: IsTerm): string[] {
  switch (field) {
    case "changed":
      return values.map((value) => changedSql(bind, value));
    case "old":
      return values.map((value) => columnValue(bind, "old_values", key, value));
    case "new":
      return values.map((value) => newValue(bind, key, value));
    case "value":
      return values.map(({ text }) => containsSql(bind, text));
    case "tx":
      return [`transaction_id IN (${values.map(({ text }) => `${bind(text)}::UBIGINT`).join(", ")})`];
    default:
      // A database is asked or it is not: askedBy has seen to it.
      return ["true"];
  }
}

function columnSql(bind: Bind, column: string, values: readonly Value[]): string {
  return anyOf([
    ...equals(bind, column, whole(values)),
    ...values.flatMap(({ match, text }) => {
      if (match === "none") return [`${column} IS NULL`];
      if (match === "system") return [`NOT regexp_matches(${column}, '^[0-9a-f]{8}-[0-9a-f-]{27}$')`];
      if (match !== "prefix") return [];
      return [text === "" ? `${column} IS NOT NULL` : `starts_with(${column}, ${bind(text)})`];
    }),
  ]);
}

/** Also the entry that gave the record its key. */
function renamedSql(bind: Bind, values: readonly Value[]): string[] {
  return equals(bind, "json_extract_string(metadata, '/new_key')", whole(values));
}

function whole(values: readonly Value[]): string[] {
  return values.filter(({ match }) => match === "exact").map(({ text }) => text);
}

function equals(bind: Bind, column: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`${column} IN (${texts.map(bind).join(", ")})`];
}

function changedSql(bind: Bind, { match, text }: Value): string {
  if (match === "exact") return `json_exists(changes, ${bind(pointer(text))})`;
  return `len(list_filter(json_keys(changes), lambda key: starts_with(key, ${bind(text)}))) > 0`;
}

/** Case does not matter. What JSON escapes is looked for as JSON writes it. */
function containsSql(bind: Bind, text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, "\\$&");
  const pattern = bind(`%${escaped}%`);
  return anyOf(
    ["old_values", "new_values", "changes", "metadata"].map((column) => `${column} ILIKE ${pattern} ESCAPE '\\'`),
  );
}

function addressSql(bind: Bind, term: IsTerm | RangeTerm, addressesOf: AddressesOf): string {
  const found = addressesOf(term);
  const some =
    found.length === 0 ? "false" : `ip_address IN (SELECT unnest(string_split(${bind(found.join(","))}, ',')))`;
  const none = term.op === "is" && term.values.some(({ match }) => match === "none");
  return none ? `(ip_address IS NULL OR ${some})` : `(ip_address IS NOT NULL AND ${some})`;
}

function rangeSql(bind: Bind, term: RangeTerm, now: number): string {
  if (term.field === "at") {
    const { from, to } = momentBounds(term, now);
    return between("created_at", from && `${bind(from)}::TIMESTAMPTZ`, to && `${bind(to)}::TIMESTAMPTZ`, "<");
  }
  const { from, to, field, key = "" } = term;
  const text = field === "old" ? imageText(bind, "old_values", key) : newText(bind, key);
  const ends = [from, to].filter((end) => end !== undefined);
  if (!ends.every((end) => /^-?\d+(\.\d+)?$/.test(end))) {
    const bytes = (end: string | undefined) => end && bind(end);
    return between(text, bytes(from), bytes(to), "<=");
  }
  const number = (end: string | undefined) => end && `${bind(end)}::DOUBLE`;
  const value = `(CASE WHEN regexp_full_match(${text}, '-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?') THEN TRY_CAST(${text} AS DOUBLE) END)`;
  return between(value, number(from), number(to), "<=");
}

function between(value: string, from: string | undefined, to: string | undefined, last: "<" | "<="): string {
  return [from && `${value} >= ${from}`, to && `${value} ${last} ${to}`].filter(Boolean).join(" AND ");
}

function textSql(bind: Bind, { text, actors = [], tenants = [] }: TextTerm): string {
  return anyOf([
    ...equals(bind, "resource_id", [text]),
    ...equals(bind, "user_id", [text, ...actors]),
    ...equals(bind, "tenant_id", [text, ...tenants]),
    ...equals(bind, "request_id", [text]),
    ...equals(bind, "resource_type", [text]),
    ...(/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n ? [`transaction_id = ${bind(text)}::UBIGINT`] : []),
  ]);
}

function anyOf(sql: readonly string[]): string {
  return sql.length === 1 && sql[0] !== undefined ? sql[0] : `(${sql.join(" OR ")})`;
}
