import { keyRecord, keyText, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { identifier, literal } from "../../../managed/statement.ts";
import type { TableShape } from "../../table-shape.ts";
import { foundColumn } from "./columns.ts";
import { erasedText } from "./erased.ts";
import type { FoundColumn, FoundRow, FoundTable } from "./findings.ts";
import { ask, keyOf, type Looking, learn, nameOf, rowsMax } from "./looking.ts";

/** An address or a number of one person's own; names are not among them, since others may have the same. */
export function isOwnWord(value: string): boolean {
  const isAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);
  const isNumber = /^\+?[\d\s()./-]{7,}$/.test(value) && value.replaceAll(/\D/g, "").length >= 7;
  return value.length <= 200 && (isAddress || isNumber) && !value.startsWith(erasedText);
}

/** The words by which a person is looked for: those given, and the addresses and numbers that their own row holds. */
export async function wordsOf(looking: Looking, own: FoundTable | undefined): Promise<string[]> {
  const { terms } = looking.subject;
  const shape = own && looking.shapes.get(nameOf(own));
  const columns = own?.columns.filter(({ kind }) => kind === "text") ?? [];
  const record = own?.rows[0]?.record;
  if (!shape || record === undefined || columns.length === 0) return unique(terms);
  const key = keyOf(looking, shape);
  const values = await ask(
    looking,
    nameOf(shape),
    async () => {
      const { rows } = await looking.client.query<{ value: string | null }>(
        `SELECT unnest(ARRAY[${columns.map(({ name }) => `t.${identifier(name)}::text`).join(", ")}]) AS value
           FROM ${keyRecord(key, "$1", "k")} JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "k", key)}`,
        [record],
      );
      return rows.flatMap(({ value }) => value ?? []);
    },
    [],
  );
  return unique([...terms, ...values.filter(isOwnWord)]);
}

function unique(words: readonly string[]): string[] {
  return [...new Map(words.map((word) => [word.toLowerCase(), word])).values()].toSorted();
}

/** Rows that hold one of the words: whole in a personal column, anywhere in a searched one. Those found already are left out. */
export async function findByWords(
  looking: Looking,
  words: readonly string[],
  known: readonly FoundTable[],
): Promise<FoundTable[]> {
  if (words.length === 0) return [];
  const { confirmed, searched } = looking.personal;
  const names = [...new Set([...confirmed.keys(), ...searched.keys()])].toSorted();
  await learn(
    looking,
    names.map((name) => ({ schema: name.split(".")[0] ?? "", name: name.split(".").slice(1).join(".") })),
  );
  const found: FoundTable[] = [];
  for (const name of names) {
    const shape = looking.shapes.get(name);
    if (!shape) {
      looking.notReached.push({ where: name, why: "There is no such table any more." });
      continue;
    }
    // Of a path's rows only those are the person's for sure that hang from the own row itself.
    const taken = new Set(
      known
        .filter((table) => nameOf(table) === name && table.depth <= 1)
        .flatMap(({ rows }) => rows.map(({ record }) => record)),
    );
    const whole = columnsOf(shape, confirmed.get(name));
    const within = columnsOf(shape, searched.get(name)).filter(
      (column) => !whole.some((one) => one.name === column.name),
    );
    // Free text is looked at in every row; of what holds values whole, the person's own rows are known already.
    const rows = [
      ...(await look(looking, shape, "column", whole, words)).map((table) => without(table, taken)),
      ...(await look(looking, shape, "text", within, words)),
    ];
    found.push(...rows.filter((table) => table.rows.length > 0));
  }
  return found;
}

function without(table: FoundTable, taken: ReadonlySet<string>): FoundTable {
  return { ...table, rows: table.rows.filter(({ record }) => !taken.has(record)) };
}

function columnsOf(shape: TableShape, names: ReadonlySet<string> = new Set()): FoundColumn[] {
  return [...names]
    .flatMap((name) => foundColumn(shape, name) ?? [])
    .filter(({ kind }) => kind === "text" || kind === "json" || kind === "array");
}

async function look(
  looking: Looking,
  shape: TableShape,
  kind: "column" | "text",
  columns: readonly FoundColumn[],
  words: readonly string[],
): Promise<FoundTable[]> {
  if (columns.length === 0) return [];
  const { schema, name } = shape;
  const key = keyOf(looking, shape);
  const where = `${nameOf(shape)}: ${columns.map((column) => column.name).join(", ")}`;
  if (key.length === 0) {
    looking.notReached.push({ where, why: "The table has no primary key by which a row could be named." });
    return [];
  }
  const lower = words.map((word) => word.toLowerCase());
  const patterns = lower.map((word) => `%${word.replaceAll(/[\\%_]/g, "\\$&")}%`);
  const tests = columns.map((column) => {
    const text = `lower(t.${identifier(column.name)}::text)`;
    // A word may stand anywhere within JSON and lists, and only as the whole of a plain value.
    return kind === "column" && column.kind === "text" ? `${text} = ANY ($1::text[])` : `${text} LIKE ANY ($2::text[])`;
  });
  const rows = await ask(
    looking,
    where,
    async () => {
      const { rows: found } = await looking.client.query<FoundRow>(
        `SELECT ${keyText("t", key)} AS record,
                array_remove(ARRAY[${tests.map((test, at) => `CASE WHEN ${test} THEN ${literal(columns[at]?.name ?? "")} END`).join(", ")}]::text[], NULL) AS columns
           FROM ${quoteTable(shape)} AS t
          WHERE ($1::text[], $2::text[]) IS NOT NULL AND (${tests.join(" OR ")}) ORDER BY 1 LIMIT ${rowsMax + 1}`,
        [lower, patterns],
      );
      return found;
    },
    [],
  );
  if (rows.length > rowsMax) {
    looking.notReached.push({ where, why: `More than ${rowsMax} rows hold a word; the first of them are listed.` });
  }
  const table: FoundTable = {
    key: `${kind} ${nameOf(shape)}`,
    ...{ kind, schema, name, via: null, depth: 0 },
    columns: [...columns],
    rows: rows.slice(0, rowsMax),
    held: [],
    beyond: 0,
    entries: 0,
  };
  return [table];
}
