/** A name in SQL text that stands for an object of the schema that was read. */
export interface Reference {
  kind: "relation" | "type" | "function" | "other";
  /** Its plain name, without quotes or schema. */
  name: string;
  /** As the source prints it, with its schema. */
  sql: string;
  /** Whether it stands inside a string constant, as in nextval('public.orders_id_seq'::regclass). */
  constant: boolean;
}

/** SQL whose references to the schema that was read are known one by one, so that they can be pointed elsewhere. */
export type Text = readonly (string | Reference)[];

interface Token {
  /** White space before it. */
  lead: string;
  text: string;
}

// Strings with and without escapes, quoted names, dollar-quoted bodies, words, numbers; anything else is one character.
const shape =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)?\$)[\s\S]*?\1|[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*|\d[\w.]*|[\s\S]/gu;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let lead = "";
  for (const [text] of sql.matchAll(shape)) {
    if (/^[ \t\r\n]$/.test(text)) lead += text;
    else {
      tokens.push({ lead, text });
      lead = "";
    }
  }
  return tokens;
}

/** What a reference is, from its name and what stands around it. */
export type Resolve = (name: string, around: { before: string; after: string }, constant: boolean) => Reference["kind"];

interface Move {
  /** Tokens taken of the qualified and of the plain text. */
  of: number;
  to: number;
  mark?: "name" | "constant";
}

/**
 * Finds the references to a schema in SQL that PostgreSQL printed twice: once with every name qualified, once with the schema
 * first in the search path, where the names of its objects stand bare. Only what differs between the two is a reference, so
 * that no column, string or comment which happens to look like a name is taken for one.
 *
 * @returns null when the two do not tell the same.
 */
export function referencesIn(qualified: string, plain: string, quotedSchema: string, resolve: Resolve): Text | null {
  if (qualified === plain) return [qualified];
  const a = tokensOf(qualified);
  const b = tokensOf(plain);
  const marks = align(a, b, 0, 0, quotedSchema);
  return marks && weave(a, marks, resolve);
}

type Mark = { at: number; kind: "name" | "constant" };

function align(a: Token[], b: Token[], fromA: number, fromB: number, schema: string): Mark[] | null {
  const marks: Mark[] = [];
  let [i, j] = [fromA, fromB];
  while (i < a.length || j < b.length) {
    const moves = movesAt(a, b, i, j, schema);
    const [only] = moves;
    if (!only) return null;
    if (moves.length > 1) {
      for (const move of moves) {
        const rest = align(a, b, i + move.of, j + move.to, schema);
        if (rest) return [...marks, ...(move.mark ? [{ at: i, kind: move.mark }] : []), ...rest];
      }
      return null;
    }
    if (only.mark) marks.push({ at: i, kind: only.mark });
    i += only.of;
    j += only.to;
  }
  return marks;
}

function movesAt(a: Token[], b: Token[], i: number, j: number, schema: string): Move[] {
  const moves: Move[] = [];
  const left = (offset: number): string => a[i + offset]?.text ?? "";
  const right = (offset: number): string => b[j + offset]?.text ?? "";
  if (left(0) === schema && left(1) === "." && left(2) !== "" && left(2) === right(0))
    moves.push({ of: 3, to: 1, mark: "name" });
  if (right(0) === "pg_catalog" && right(1) === "." && left(0) !== "" && left(0) === right(2))
    moves.push({ of: 1, to: 3 });
  const [mine, theirs] = [spelledOperator(a, i), spelledOperator(b, j)];
  if (mine !== null && theirs === null && mine.every((text, at) => text === right(at)))
    moves.push({ of: mine.length + 5, to: mine.length });
  if (theirs !== null && mine === null && theirs.every((text, at) => text === left(at)))
    moves.push({ of: theirs.length, to: theirs.length + 5 });
  if (left(0) !== right(0) && left(0).startsWith("'") && right(0).startsWith("'")) {
    const [one, other] = [unquoted(left(0)), unquoted(right(0))];
    if (one === `${schema}.${other}`) moves.push({ of: 1, to: 1, mark: "constant" });
    if (other === `pg_catalog.${one}`) moves.push({ of: 1, to: 1 });
  }
  if (left(0) !== "" && left(0) === right(0)) moves.push({ of: 1, to: 1 });
  return moves;
}

/** The operator of `OPERATOR(schema.op)`, character by character; null when none is spelled like this here. */
function spelledOperator(tokens: Token[], at: number): string[] | null {
  if (tokens[at]?.text !== "OPERATOR" || tokens[at + 1]?.text !== "(" || tokens[at + 3]?.text !== ".") return null;
  const end = tokens.findIndex((token, index) => index > at + 3 && token.text === ")");
  return end < 0 ? null : tokens.slice(at + 4, end).map((token) => token.text);
}

function weave(a: Token[], marks: Mark[], resolve: Resolve): Text {
  const parts: (string | Reference)[] = [];
  let from = 0;
  for (const { at, kind } of marks) {
    const width = kind === "name" ? 3 : 1;
    const tokens = a.slice(at, at + width);
    const sql = tokens.map((token) => token.text).join("");
    const last = tokens.at(-1)?.text ?? "";
    const after = a
      .slice(at + width, at + width + 3)
      .map((token) => token.text)
      .join("");
    const before = a[at - 1]?.text ?? "";
    const name = kind === "name" ? plainName(last) : plainName(lastName(unquoted(last)));
    const constant = kind === "constant";
    parts.push(printed(a.slice(from, at)) + (a[at]?.lead ?? ""));
    parts.push({ kind: resolve(name, { before, after }, constant), name, sql, constant });
    from = at + width;
  }
  parts.push(printed(a.slice(from)));
  return parts.filter((part) => part !== "");
}

function printed(tokens: Token[]): string {
  return tokens.map((token) => token.lead + token.text).join("");
}

/** The name after the schema in a qualified name as PostgreSQL prints it. */
function lastName(qualified: string): string {
  const tokens = tokensOf(qualified);
  return tokens
    .slice(tokens.findIndex((token) => token.text === ".") + 1)
    .map((token) => token.lead + token.text)
    .join("");
}

export function plainName(printedName: string): string {
  return printedName.startsWith('"') ? printedName.slice(1, -1).replaceAll('""', '"') : printedName;
}

function unquoted(constant: string): string {
  return constant.slice(1, -1).replaceAll("''", "'");
}

/**
 * Takes the one qualified name out of a printed statement that PostgreSQL always qualifies, such as the table in
 * `CREATE INDEX i ON public.t`: what stands before it, and after it.
 */
export function splitAt(sql: string, keyword: string): { before: string; after: string } {
  const tokens = tokensOf(sql);
  const at = tokens.findIndex((token) => token.text === keyword);
  if (at < 0) throw new Error(`PostgreSQL printed a statement without ${keyword}: ${sql}`);
  const name = tokens[at + 1]?.text === "ONLY" ? at + 2 : at + 1;
  const hasSchema = tokens[name + 1]?.text === ".";
  return {
    before: printed(tokens.slice(0, at + 1)),
    after: printed(tokens.slice(name + (hasSchema ? 3 : 1))),
  };
}
