import { keyColumns, loggedText, textColumns } from "./columns.ts";
import { momentBounds } from "./moments.ts";
import type { IsTerm, RangeTerm, Term, TextTerm, Value } from "./terms.ts";

/** Hands out a placeholder for a value. */
export type Bind = (value: unknown) => string;

const words = textColumns(loggedText);

/** One term as SQL over `caretaker.audit_logs`. Tenants and actors stand in it by their keys: see askedBy and termsIn. */
export function termSql(bind: Bind, term: Term, now: number): string {
  const sql = positive(bind, term, now);
  return term.negated ? `(${sql}) IS NOT TRUE` : sql;
}

function positive(bind: Bind, term: Term, now: number): string {
  if (term.op === "text") return anyBranch(bind, textBranches(term));
  if (term.op === "range") return rangeSql(bind, term, now);
  if (term.field === "record") return anyBranch(bind, recordBranches(term));
  const key = keyColumns[term.field];
  if (key !== undefined) return columnSql(bind, key, term.values, keyPrefix);
  if (term.field === "impersonator" && term.values.every(({ match }) => match === "exact")) {
    return impersonatorSql(
      bind,
      term.values.map(({ text }) => text),
    );
  }
  const word = words[term.field];
  if (word !== undefined) return columnSql(bind, word, term.values, wordPrefix);
  return anyOf(otherSql(bind, term));
}

/** Who really acted, as the index has it: it holds no other entries. */
export function impersonatorSql(bind: Bind, ids: readonly string[]): string {
  return `(metadata ? 'impersonator' AND ${anyOf(equals(bind, "metadata ->> 'impersonator'", ids))})`;
}

function otherSql(bind: Bind, { field, key = "", values }: IsTerm): string[] {
  switch (field) {
    case "changed":
      return changedSql(bind, values);
    case "old":
      return values.map((value) => columnValue(bind, "old_values", key, value));
    case "new":
      return values.map((value) => newValue(bind, key, value));
    case "value":
      return values.map(({ text }) => containsSql(bind, text));
    case "ip":
      return values.map(({ match, text }) =>
        match === "none" ? "ip_address IS NULL" : `ip_address <<= ${bind(text)}::inet`,
      );
    case "tx":
      return [`transaction_id = ANY (${bind(values.map(({ text }) => text))}::xid8[])`];
    default:
      // A database is asked or it is not: askedBy has seen to it.
      return ["true"];
  }
}

/** Equality first, as one array, so that an index serves a list as it serves a value. */
function columnSql(
  bind: Bind,
  column: string,
  values: readonly Value[],
  prefix: (bind: Bind, column: string, text: string) => string,
): string {
  const whole = values.filter(({ match }) => match === "exact").map(({ text }) => text);
  const rest = values.flatMap(({ match, text }) => {
    if (match === "none") return [`${column} IS NULL`];
    if (match === "system") return [`${column} !~ '^[0-9a-f]{8}-[0-9a-f-]{27}$'`];
    return match === "prefix" ? [prefix(bind, column, text)] : [];
  });
  return anyOf([...equals(bind, column, whole), ...rest]);
}

function equals(bind: Bind, column: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  return [texts.length === 1 ? `${column} = ${bind(texts[0])}` : `${column} = ANY (${bind(texts)}::text[])`];
}

function keyPrefix(bind: Bind, column: string, text: string): string {
  const above = following(text);
  if (text === "" || above === null) return wordPrefix(bind, column, text);
  return `(${column} >= ${bind(text)} AND ${column} < ${bind(above)})`;
}

function wordPrefix(bind: Bind, column: string, text: string): string {
  return text === "" ? `${column} IS NOT NULL` : `starts_with(${column}, ${bind(text)})`;
}

/** The least text, by bytes, that is greater than all that begin with this one; null at the end of Unicode. */
function following(text: string): string | null {
  const points = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  const last = points.pop();
  if (last === undefined || last >= 0x10ffff) return null;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function changedSql(bind: Bind, values: readonly Value[]): string[] {
  const whole = values.filter(({ match }) => match === "exact").map(({ text }) => text);
  const some =
    whole.length === 0
      ? []
      : [whole.length === 1 ? `changes ? ${bind(whole[0])}` : `changes ?| ${bind(whole)}::text[]`];
  const begun = values.flatMap(({ match, text }) =>
    match === "prefix"
      ? [`EXISTS (SELECT FROM jsonb_object_keys(changes) AS key WHERE starts_with(key, ${bind(text)}))`]
      : [],
  );
  return [...some, ...begun];
}

/** A column of a row's image. Text finds the number or boolean that it spells as well as the string. */
function columnValue(bind: Bind, image: string, key: string, { match, text }: Value): string {
  if (match === "none") return `(${image} ? ${bind(key)}) IS NOT TRUE`;
  if (match === "null") return `${image} @> ${bind(json(key, "null"))}::jsonb`;
  if (match === "prefix") {
    return text === ""
      ? `${image} ->> ${bind(key)}::text IS NOT NULL`
      : `starts_with(${image} ->> ${bind(key)}::text, ${bind(text)})`;
  }
  const spelled = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?)$/.test(text) ? [text] : [];
  return anyOf([JSON.stringify(text), ...spelled].map((value) => `${image} @> ${bind(json(key, value))}::jsonb`));
}

/** The state after: an update keeps only what it changed, the rest is as before. */
function newValue(bind: Bind, key: string, value: Value): string {
  const of = (image: string) => columnValue(bind, image, key, value);
  if (value.match === "none")
    return `(${of("new_values")} AND ${of("changes")} AND (action <> 'update' OR ${of("old_values")}))`;
  return `(${of("changes")} OR ${of("new_values")} OR (action = 'update' AND ${of("old_values")} AND NOT changes ? ${bind(key)}))`;
}

function json(key: string, value: string): string {
  return `{${JSON.stringify(key)}: ${value}}`;
}

/** Case does not matter. What JSON escapes is looked for as JSON writes it. */
function containsSql(bind: Bind, text: string): string {
  const pattern = bind(
    `%${JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[\\%_]/g, "\\$&")}%`,
  );
  return anyOf(["old_values", "new_values", "changes", "metadata"].map((column) => `${column}::text ILIKE ${pattern}`));
}

function rangeSql(bind: Bind, term: RangeTerm, now: number): string {
  if (term.field === "at") {
    const { from, to } = momentBounds(term, now);
    return between("created_at", from && `${bind(from)}::timestamptz`, to && `${bind(to)}::timestamptz`, "<");
  }
  const { from, to, field, key = "" } = term;
  if (field === "ip") return between("ip_address", from && `${bind(from)}::inet`, to && `${bind(to)}::inet`, "<=");
  const text =
    field === "old"
      ? `old_values ->> ${bind(key)}::text`
      : `(CASE action WHEN 'update' THEN old_values || changes ELSE new_values END) ->> ${bind(key)}::text`;
  const ends = [from, to].filter((end) => end !== undefined);
  if (!ends.every((end) => number.test(end))) {
    const bytes = (end: string | undefined) => end && `${bind(end)} COLLATE "C"`;
    return between(`(${text}) COLLATE "C"`, bytes(from), bytes(to), "<=");
  }
  const numeric = (end: string | undefined) => end && `${bind(end)}::numeric`;
  const value = `(CASE WHEN ${text} ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?$' THEN (${text})::numeric END)`;
  return between(value, numeric(from), numeric(to), "<=");
}

const number = /^-?\d+(\.\d+)?$/;

function between(value: string, from: string | undefined, to: string | undefined, last: "<" | "<="): string {
  return [from && `${value} >= ${from}`, to && `${value} ${last} ${to}`].filter(Boolean).join(" AND ");
}

/** SQL of one way in which a term may hold, for which one index has the answer. */
export type Branch = (bind: Bind) => string;

/** The ways in which a term may hold: those that many entries may hold in, which their indexes have newest first, and the others. */
interface Branches {
  many: Branch[];
  few: Branch[];
}

/** Entries of a record, also the one that gave it this key. */
export function recordBranches({ values }: Pick<IsTerm, "values">): Branches {
  const whole = values.filter(({ match }) => match === "exact").map(({ text }) => text);
  const renamed: Branch = (bind) =>
    `(metadata ? 'new_key' AND ${anyOf(equals(bind, "metadata ->> 'new_key'", whole))})`;
  return {
    many: [(bind) => columnSql(bind, "resource_id", values, keyPrefix)],
    few: whole.length === 0 ? [] : [renamed],
  };
}

/** Any id that the text is the whole of, and whatever it names. */
export function textBranches({ text, actors = [], tenants = [] }: TextTerm): Branches {
  const branch =
    (column: string, more: readonly string[] = []): Branch =>
    (bind) =>
      anyOf(equals(bind, column, [text, ...more]));
  const isTransaction = /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n;
  const transaction: Branch = (bind) => `transaction_id = ${bind(text)}::xid8`;
  return {
    many: [branch("resource_id"), branch("user_id", actors), branch("tenant_id", tenants), branch("resource_type")],
    few: [branch("request_id"), ...(isTransaction ? [transaction] : [])],
  };
}

function anyBranch(bind: Bind, { many, few }: Branches): string {
  return anyOf([...many, ...few].map((branch) => branch(bind)));
}

export function anyOf(sql: readonly string[]): string {
  return sql.length === 1 && sql[0] !== undefined ? sql[0] : `(${sql.join(" OR ")})`;
}
