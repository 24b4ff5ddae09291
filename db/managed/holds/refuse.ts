import { differs } from "../capture/columns.ts";
import { dollarQuoted } from "../capture/dollar-quote.ts";
import { captureName } from "../capture/entry.ts";
import { resourceId } from "../capture/key.ts";
import { identifier, literal, relation } from "../statement.ts";
import { letCarried } from "./carried.ts";
import {
  columnNamed,
  covers,
  type Hold,
  type HoldableTable,
  type HoldRule,
  joined,
  keptSql,
  keyColumnsOf,
  knownBy,
  ownParts,
  type PathSource,
  stepsFrom,
} from "./rule.ts";

export interface Kept {
  hold: Hold;
  rule: HoldRule;
}

/** Rows of another table that a hold keeps, and knows by way of this table. */
export interface Hanging extends Kept {
  table: HoldableTable;
  source: PathSource;
  /** Which step of the path leads to this table. */
  at: number;
}

/** What the triggers of one table must refuse. */
export interface Guard {
  table: HoldableTable;
  kept: Kept[];
  hanging: Hanging[];
}

// BEFORE triggers fire by name: the last one only sees rows that no trigger of the application kept or marked instead.
export const names = {
  delete: "zzz_caretaker_hold_delete",
  update: "zzz_caretaker_hold_update",
  truncate: "zzz_caretaker_hold_truncate",
} as const;

export type Event = keyof typeof names;

export const events: readonly Event[] = ["delete", "update", "truncate"];

export function deleteFunction({ table, kept, hanging }: Guard): string {
  const key = keyColumnsOf(table);
  const record = key.length === 0 ? "NULL::text" : resourceId(key, "OLD");
  const refuse = (isAsked: (rule: HoldRule) => boolean): string => {
    const own = kept.filter(({ rule }) => isAsked(rule));
    const others = hanging.filter(({ rule }) => isAsked(rule));
    if (own.length + others.length === 0) return "";
    return `
  hold := ${named(own.map(({ hold, rule }) => [keptSql(rule, table, "OLD"), hold]))};
  IF hold IS NOT NULL THEN
    ${refusal(table, "keeps %s %s", record, table.marks ? removalHint.marking : removalHint.plain)}
  END IF;
  hold := ${named(others.map((one) => [hangsSql(one, table, "OLD"), one.hold]))};
  IF hold IS NOT NULL THEN
    ${refusal(table, "keeps rows that belong to %s %s", record, removalHint.plain)}
  END IF;`;
  };
  // What is held by its table's name does not go along with its tenant, so that nothing replaces it.
  const body = `${refuse((rule) => rule.table !== null)}${letCarried(table)}${refuse((rule) => rule.table === null)}
  RETURN OLD;`;
  return triggerFunction(table, "delete", body);
}

export function updateFunction({ table, kept, hanging }: Guard): string {
  const key = keyColumnsOf(table);
  const record = key.length === 0 ? "NULL::text" : resourceId(key, "OLD");
  const others = hanging.map((one) => [hangsSql(one, table, "OLD"), one.hold] as const);
  return triggerFunction(
    table,
    "update",
    `
  hold := coalesce(${loosened(kept, table, "OLD", "NEW")}, ${named(others)});
  IF hold IS NOT NULL THEN
    ${refusal(table, "knows %s %s by what this would change", record, changeHint)}
  END IF;
  RETURN NULL;`,
  );
}

export function truncateFunction({ table, kept, hanging }: Guard): string {
  const [first] = [...kept, ...hanging];
  return triggerFunction(
    table,
    "truncate",
    `
  hold := ${literal(first?.hold.name ?? "")};
  ${refusal(table, "keeps rows of %s", "NULL::text", "Delete the rows that are not held one by one, or have the hold released in Caretaker, by two people.")}`,
  );
}

const removalHint = {
  marking:
    "It can still be marked as deleted. Removing it needs the hold to be released in Caretaker, which takes two people.",
  plain: "Removing it needs the hold to be released in Caretaker, which takes two people.",
};

const changeHint =
  "Leave its key, its tenant and the values that the hold names as they are, or have the hold released in Caretaker, which takes two people.";

function refusal(table: HoldableTable, words: string, record: string, hint: string): string {
  const where = `${table.schema}.${table.name}`;
  return `RAISE EXCEPTION USING
      MESSAGE = format('The legal hold "%s" ' || ${literal(words)} || '.', hold, ${literal(where)}, coalesce(${record}, '(no key)')),
      HINT = ${literal(hint)},
      ERRCODE = 'restrict_violation', CONSTRAINT = 'caretaker_hold', SCHEMA = ${literal(table.schema)}, TABLE = ${literal(table.name)};`;
}

/** The rules that cover a table. */
export function keptIn(holds: readonly Hold[], table: HoldableTable): Kept[] {
  return holds.flatMap((hold) => hold.rules.filter((rule) => covers(rule, table)).map((rule) => ({ hold, rule })));
}

function loosened(kept: readonly Kept[], table: HoldableTable, before: string, after: string): string {
  const changes =
    keyColumnsOf(table)
      .map((column) => differs(column, before, after))
      .join(" OR ") || "false";
  return named(
    kept.map(({ hold, rule }) => [
      `${keptSql(rule, table, before)} AND (${changes} OR NOT ${keptSql(rule, table, after)})`,
      hold,
    ]),
  );
}

/** SQL: the first hold whose condition is true. */
function named(conditions: readonly (readonly [string, Hold])[]): string {
  if (conditions.length === 0) return "NULL::text";
  return `CASE ${conditions.map(([sql, hold]) => `WHEN ${sql} THEN ${literal(hold.name)}::text`).join("\n             ")} END`;
}

/** SQL: whether held rows are known by way of the row `alias` of this table. */
function hangsSql({ rule, table: child, source, at }: Hanging, table: HoldableTable, alias: string): string {
  const { steps, column } = source;
  const last = steps.length - 1;
  const step = steps[at];
  // Down from this row to the rows that are held …
  const between = steps.slice(0, at).map((one, i) => {
    const name = `step${i + 1}`;
    return `JOIN ${relation(one.schema, one.table)} AS ${name} ON ${joined(one, i === 0 ? "held" : `step${i}`, name)}`;
  });
  const reached = joined(step, at === 0 ? "held" : `step${at}`, alias);
  // … and up from it to the tenant.
  const tenant =
    at === last
      ? `${alias}.${identifier(column)}::text`
      : `(SELECT step${last + 1}.${identifier(column)}::text FROM ${stepsFrom(steps, at + 1)} WHERE ${joined(steps[at + 1], alias, `step${at + 2}`, table)} LIMIT 1)`;
  const parts = [`${tenant} = ${literal(rule.tenant ?? "")}`, reached, ...ownParts(rule, child, "held")];
  return `EXISTS (SELECT FROM ${relation(child.schema, child.name)} AS held ${between.join(" ")} WHERE ${parts.join(" AND ")})`;
}

/** SQL over OLD and NEW: whether a column changes by which some hold knows its rows. */
export function changesSql({ table, kept, hanging }: Guard): string {
  const columns = new Set([
    ...kept.flatMap(({ rule }) => knownBy(rule, table)),
    ...hanging.flatMap(({ source, at }) => [
      ...(source.steps[at]?.parentColumns ?? []),
      ...(source.steps[at + 1]?.columns ?? [source.column]),
    ]),
  ]);
  const found = [...columns].flatMap((name) => columnNamed(table, name) ?? []);
  return found.map((column) => differs(column, "OLD", "NEW")).join(" OR ") || "false";
}

function triggerFunction(table: HoldableTable, event: Event, body: string): string {
  const text = `#variable_conflict use_variable
DECLARE
  hold text;
BEGIN${body}
END`;
  return `CREATE OR REPLACE FUNCTION ${guardFunction(table, event)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS ${dollarQuoted(text)}`;
}

/** SQL: the name of a hold that keeps the row `before`, and would not know it any more as `after`; NULL when none does. */
export function loosenedBy(holds: readonly Hold[], table: HoldableTable, before: string, after: string): string {
  return loosened(keptIn(holds, table), table, before, after);
}

/** SQL: the name of a hold that keeps the row `alias` of the table; NULL when none does. */
export function holdOf(holds: readonly Hold[], table: HoldableTable, alias: string): string {
  return named(keptIn(holds, table).map(({ hold, rule }) => [keptSql(rule, table, alias), hold]));
}

export function guardFunction(table: { schema: string; name: string }, event: string): string {
  return relation("caretaker", `${captureName(table).replace(/^capture_/, "hold_")}_${event}`);
}
