import type pg from "pg";
import type { HoldRule } from "../audit/retention/contract.ts";
import { canonical } from "../canonical.ts";
import { textOf } from "../managed/capture/columns.ts";
import { type ForeignKey, foreignKeysTo } from "../managed/foreign-keys.ts";
import { hiddenTables } from "../managed/hidden-tables.ts";
import { columnNamed, type HoldableTable } from "../managed/holds/rule.ts";
import { identifier, relation } from "../managed/statement.ts";
import type { NamedTable } from "../schema/fleet.ts";
import { asWritten, invalid, wordOf } from "./as-written.ts";
import { requireVisible } from "./sight.ts";
import { holdableTables, type Model } from "./tables.ts";

/** The rows that name a person, as the database is now: their own, and all that point at it by a foreign key. */
export async function personRules(client: pg.ClientBase, model: Model, person: string): Promise<HoldRule[]> {
  const { usersTable: users } = model;
  const pointing = users ? await foreignKeysTo(client, [users]) : [];
  const tables = await holdableTables(
    client,
    model,
    new Set([users?.schema ?? [], ...pointing.map((key) => key.schema)].flat()),
  );
  const own = users && tables.find((one) => one.schema === users.schema && one.name === users.table);
  if (!users || !own) {
    throw invalid("person", "The model of this database names no table of users.", "Choose it under Databases first.");
  }
  const { values } = await asWritten(client, own, { record: null, values: { [users.key]: person } }, "person");
  const rules = [ruleOn(users, values)];
  for (const foreign of pointing) {
    const table = tables.find((one) => one.schema === foreign.schema && one.name === foreign.table);
    if (!table) continue;
    for (const texts of await referenced(client, own, users, values[users.key] ?? "", foreign)) {
      rules.push(...(await inWordsOf(client, own, table, foreign, texts)));
    }
  }
  return together(rules, []);
}

/** What a row holds that points at the person: by column of it, as the table of users writes it. */
async function referenced(
  client: pg.ClientBase,
  own: HoldableTable,
  { key }: NamedTable,
  person: string,
  { columns, parentColumns }: ForeignKey,
): Promise<Record<string, string>[]> {
  const byKey = columns[parentColumns.indexOf(key)];
  // Among several columns the person's key tells enough: their own rows are known by it alone as well.
  if (byKey !== undefined) return [{ [byKey]: person }];
  await requireVisible(client, [own]);
  const texts = parentColumns.flatMap((name) => columnNamed(own, name) ?? []).map((column) => textOf(column, "u"));
  const { type = "text" } = columnNamed(own, key) ?? {};
  const { rows } = await client.query<{ texts: (string | null)[] }>(
    `SELECT DISTINCT ARRAY[${texts.join(", ")}] AS texts FROM ${relation(own.schema, own.name)} AS u
      WHERE u.${identifier(key)} = $1::${type} ORDER BY 1`,
    [person],
  );
  return rows.flatMap(({ texts: found }) => {
    const pairs = columns.flatMap((column, at) => (found[at] == null ? [] : [[column, found[at]] as const]));
    return pairs.length === columns.length ? [Object.fromEntries(pairs)] : [];
  });
}

/** The rule in the words of the table that points; none where a value fits no row of it. */
async function inWordsOf(
  client: pg.ClientBase,
  own: HoldableTable,
  table: HoldableTable,
  foreign: ForeignKey,
  texts: Record<string, string>,
): Promise<HoldRule[]> {
  const values: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    const column = columnNamed(table, name);
    const from = columnNamed(own, foreign.parentColumns[foreign.columns.indexOf(name)] ?? "");
    const word = column ? await wordOf(client, column, text, from?.type) : null;
    if (word === null) return [];
    values[name] = word;
  }
  return [ruleOn(foreign, values)];
}

function ruleOn({ schema, table }: { schema: string; table: string }, values: Record<string, string>): HoldRule {
  return { schema, table, tenant: null, record: null, values };
}

/** Rules that were there, and those that came: a hold only grows, so that nothing slips from it when a value changes. */
export function together(had: readonly HoldRule[], found: readonly HoldRule[]): HoldRule[] {
  return [...new Map([...had, ...found].map((rule) => [canonical(rule), rule])).values()];
}

/** What holds on people cannot keep in this database, in sentences. */
export async function personGaps(client: pg.ClientBase, { managed, usersTable: users }: Model): Promise<string[]> {
  if (!users)
    return ["The model names no table of users any more, so that what comes to point at the person is not found."];
  const pointing = await foreignKeysTo(client, [users]);
  const known = new Set(managed.map(({ schema, name }) => `${schema}.${name}`));
  const beyond = new Set(pointing.map(({ schema, table }) => `${schema}.${table}`)).difference(known);
  const byOther = pointing.some(({ parentColumns }) => !parentColumns.includes(users.key));
  const hidden = byOther ? await hiddenTables(client, [{ schema: users.schema, name: users.table }]) : [];
  return [
    ...[...beyond]
      .toSorted()
      .map((table) => `${table} points at people and is not in the model, so its rows are not kept.`),
    ...hidden.map(
      (table) =>
        `Row security of ${table} hides rows from the console's role, so that what points at other columns than ${users.key} is not found.`,
    ),
  ];
}
