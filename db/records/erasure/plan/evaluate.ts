import { createHash } from "node:crypto";
import { canonical } from "../../../canonical.ts";
import type { ErasureChoices, ErasureItem, ErasurePlan, ErasureSubject, ItemChoice, NotReached } from "../contract.ts";
import type { Findings, FoundColumn, FoundEntries, FoundTable } from "../find/findings.ts";
import { freeLogParts } from "../find/log.ts";
import { nameOf } from "../find/looking.ts";
import { plannedColumns } from "./methods.ts";
import { type Operation, shownSql } from "./operations.ts";
import { has, inOrder, type Removals, removalsOf } from "./removals.ts";
import { howOf, noColumns, pastKey, pastWords, pointsOnly } from "./words.ts";

/** What an erasure comes to: for people, and what is done. */
export interface Evaluated {
  plan: ErasurePlan;
  operations: Operation[];
  log: FoundEntries[];
  actor: string | null;
  exports: string[];
}

/** Works the plan out of what was found and what was chosen. The same of both is the same plan, with the same hash. */
export function evaluate(found: Findings, choices: ErasureChoices, subject: ErasureSubject): Evaluated {
  const removed = found.tables.filter(
    (table) => choices[table.key]?.do === "delete" && (table.kind === "own" || table.kind === "path"),
  );
  const removals = removalsOf(found, removed);
  const items: ErasureItem[] = [];
  const operations: Operation[] = removals.unlinked.map(({ table, columns, records }) => ({
    act: "unlink",
    item: null,
    ...table,
    key: found.keys[nameOf(table)] ?? [],
    records,
    columns: columns.map((name) => ({
      column: { name, type: "", kind: "other", length: null },
      method: { do: "null" },
    })),
  }));
  const log: FoundEntries[] = [];
  for (const table of found.tables) {
    const planned = itemOf(table, choices[table.key], removals);
    if (!planned) continue;
    const item = { ...planned, beyond: beyondOf(table, planned) };
    items.push(item);
    if (item.method === "redact") operations.push(...redactions(table, item, removals, found));
    if (item.method === "redact" || item.method === "delete") log.push(...freeLogParts(table, subject));
  }
  for (const [name, records] of inOrder(removals.deleted, found.edges))
    operations.push(removalOf(name, records, found));
  const others = otherItems(found, choices);
  items.push(...others);
  const isErased = (key: string) => others.some((item) => item.key === key && item.method !== "keep");
  for (const part of found.past) if (isErased(pastKey(part))) log.push(part);
  const exports = found.exports.filter(({ id }) =>
    others.some(({ key, method }) => key === `export ${id}` && method === "remove"),
  );
  const actor = isErased("actor") ? (found.actor?.user ?? null) : null;
  const plan = shown(found, items, operations, log, planHash(found, choices, subject));
  return { plan, operations, log, actor, exports: exports.map(({ id }) => id) };
}

function itemOf(table: FoundTable, choice: ItemChoice | undefined, removals: Removals): ErasureItem | null {
  const columns = plannedColumns(table, choice);
  const deletable = table.kind === "own" || table.kind === "path";
  const rows = table.kind === "own" ? Math.max(table.rows.length, table.entries > 0 ? 1 : 0) : table.rows.length;
  if (rows === 0) return null;
  const names = columns.length > 0;
  // Far away, a row without a personal value says nothing of the person.
  if (table.depth > 1 && !names && choice?.do !== "delete") return null;
  const item: ErasureItem = {
    key: table.key,
    kind: table.kind,
    where: nameOf(table),
    how: howOf(table),
    count: table.rows.length,
    method: "open",
    why: null,
    offers: [
      ...(deletable && table.rows.length > 0 ? (["delete"] as const) : []),
      ...(names || table.entries > 0 ? (["redact"] as const) : []),
      "keep",
    ],
    columns: choice?.do === "delete" || choice?.do === "keep" ? [] : columns,
    held: table.held.length,
    beyond: 0,
    problems: removals.problems.get(table.key) ?? [],
  };
  if (choice) return chosen(item, choice, columns);
  if (table.kind === "path" && table.depth > 1)
    return { ...item, why: "These rows hang from others of this person's and may speak of somebody else: decide." };
  if (table.kind === "column" && isOthers(table))
    return {
      ...item,
      why: "Another row of the same sort holds the same value: decide whether it is the same person's.",
    };
  if (table.kind === "own" && table.columns.length === 0) return { ...item, why: noColumns };
  if (!names && table.entries === 0) return { ...item, method: "keep", why: pointsOnly };
  return chosen(item, { do: "redact", columns: {} }, columns);
}

/** Equal values stay equal under a key that lives as long as one transaction, so that hashes are not made in batches. */
function beyondOf({ beyond }: FoundTable, { method, columns }: ErasureItem): number {
  const inBatches = method === "redact" && columns.every((column) => column.method && column.method.do !== "hash");
  return inBatches ? beyond : 0;
}

/** Whether a word was found whole in rows that are somebody's account, and not only an address within another thing's row. */
function isOthers({ columns }: FoundTable): boolean {
  return columns.some(({ unique }) => unique);
}

function chosen(item: ErasureItem, choice: ItemChoice, columns: ErasureItem["columns"]): ErasureItem {
  if (choice.do === "keep") return { ...item, method: "keep", why: choice.why };
  if (choice.do === "delete") return { ...item, method: "delete" };
  const stuck = columns.filter(({ method }) => method === null);
  const problems = stuck.map(
    ({ name }) =>
      `${name} can not be changed: it identifies the row, others point at it, or its type has no empty value. Delete the rows, or keep them with a reason.`,
  );
  return { ...item, method: "redact", problems: [...item.problems, ...problems] };
}

function redactions(table: FoundTable, item: ErasureItem, { deleted }: Removals, found: Findings): Operation[] {
  const held = new Set(table.held);
  const rows = table.rows.filter(({ record }) => !held.has(record) && !has(deleted, nameOf(table), record));
  const methods = item.columns.flatMap(({ name, method }) => {
    const column = table.columns.find((one) => one.name === name);
    return column && method ? [{ column, method }] : [];
  });
  // One statement for all rows that lose the same columns: a row keeps what does not name the person.
  const groups = Map.groupBy(rows, ({ columns }) => canonical(columns.toSorted()));
  return [...groups.values()].flatMap((group) => {
    const columns = methods.filter(({ column }) => group[0]?.columns.includes(column.name));
    if (columns.length === 0) return [];
    const { schema, name } = table;
    const records = group.map(({ record }) => record);
    return [
      {
        act: "redact" as const,
        item: table.key,
        schema,
        name,
        key: found.keys[nameOf(table)] ?? [],
        records,
        columns: columns.map(trimmed),
      },
    ];
  });
}

function trimmed({
  column: { name, type, kind, length },
  method,
}: {
  column: FoundColumn;
  method: Operation["columns"][number]["method"];
}) {
  return { column: { name, type, kind, length }, method };
}

function removalOf(table: string, records: string[], found: Findings): Operation {
  const at = [...found.tables, ...found.edges.map(({ child }) => child)].find((one) => nameOf(one) === table);
  const item = found.tables.find((one) => nameOf(one) === table)?.key ?? null;
  const { schema = "", name = "" } = at ?? {};
  return { act: "delete", item, schema, name, key: found.keys[table] ?? [], records, columns: [] };
}

function otherItems({ past, actor, exports }: Findings, choices: ErasureChoices): ErasureItem[] {
  const item = (
    key: string,
    kind: ErasureItem["kind"],
    more: Pick<ErasureItem, "where" | "how" | "count">,
    does: "redact" | "remove",
  ): ErasureItem => {
    const choice = choices[key];
    const kept = choice?.do === "keep";
    const rest = {
      columns: [],
      held: 0,
      problems: [],
      offers: [does === "remove" ? "delete" : "redact", "keep"],
    } as const;
    return {
      ...{ key, kind, ...more, method: kept ? "keep" : does, why: kept ? choice.why : null },
      ...{ columns: [], held: 0, beyond: 0, problems: [], offers: [...rest.offers] },
    };
  };
  return [
    ...past.map((part) =>
      part.columns.length === 0
        ? item(pastKey(part), "copies", pastWords(part), "remove")
        : item(pastKey(part), "log", pastWords(part), "redact"),
    ),
    ...(actor && actor.entries > 0
      ? [
          item(
            "actor",
            "actor",
            {
              where: "the log of this person's acts",
              how: "Addresses and programs by which they acted.",
              count: actor.entries,
            },
            "redact",
          ),
        ]
      : []),
    ...exports.map(({ id, format, requestedAt }) =>
      item(
        `export ${id}`,
        "export",
        { where: `export of ${requestedAt.slice(0, 10)}`, how: `A file (${format}) on disk holds a word.`, count: 1 },
        "remove",
      ),
    ),
  ];
}

function shown(
  found: Findings,
  items: ErasureItem[],
  operations: Operation[],
  log: FoundEntries[],
  hash: string,
): ErasurePlan {
  const rows = (act: Operation["act"]) =>
    operations.filter((one) => one.act === act).reduce((sum, { records }) => sum + records.length, 0);
  const erased = new Set(
    items.filter(({ method }) => method === "redact" || method === "delete").map(({ key }) => key),
  );
  const entries = found.tables.filter(({ key }) => erased.has(key)).reduce((sum, table) => sum + table.entries, 0);
  const isOpen = items.some(({ method, problems }) => method === "open" || problems.length > 0);
  const isDone =
    items.every(({ method }) => method === "keep") ||
    (operations.length === 0 && log.length === 0 && items.length === 0);
  return {
    hash,
    status: isOpen ? "open" : isDone ? "nothing" : "ready",
    items,
    statements: operations.map(statementOf),
    redacted: rows("redact"),
    deleted: rows("delete"),
    beyond: items.reduce((sum, { beyond }) => sum + beyond, 0),
    entries: entries + (erased.has("actor") ? (found.actor?.entries ?? 0) : 0),
    held: items.reduce((sum, { held }) => sum + held, 0),
    backups: found.backups,
    papers: found.papers,
    notReached: found.notReached satisfies NotReached[],
    terms: found.terms,
  };
}

function statementOf(operation: Operation) {
  const { act, schema, name, records, columns } = operation;
  const rows = `${records.length} ${records.length === 1 ? "row" : "rows"}`;
  const why =
    act === "delete"
      ? `${rows} go.`
      : `${rows} ${records.length === 1 ? "loses" : "lose"} ${columns.map(({ column }) => column.name).join(", ")}.`;
  return {
    sql: shownSql(operation),
    object: `${schema}.${name}`,
    lock: `row locks on ${rows}`,
    why,
    transactional: true,
  };
}

/**
 * Of whom it is about and in which database, of what was chosen, and of every row, entry and file that it would change. Another
 * tenant's database may hold the same key in the same table.
 */
function planHash(found: Findings, choices: ErasureChoices, subject: ErasureSubject): string {
  const { database, schema = "public", table, record, terms } = subject;
  const { exports, past, actor } = found;
  const rest = { exports: exports.map(({ id }) => id), past, actor: actor?.user ?? null };
  return createHash("sha256")
    .update(canonical([{ database, schema, table, record, terms }, choices, rowsDigest(found), rest]))
    .digest("hex");
}

/** What the rows are that a plan rests on; a run that finds others refuses. */
export function rowsDigest({ tables, edges }: Pick<Findings, "tables" | "edges">): string {
  const kept = tables.map(({ entries: _, ...table }) => table);
  return createHash("sha256")
    .update(canonical([kept, edges]))
    .digest("hex");
}
