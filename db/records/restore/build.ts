import { createHash } from "node:crypto";
import type pg from "pg";
import { Refusal } from "../../errors.ts";
import type { ManagedTable } from "../managed.ts";
import { type TableShape, tableShape } from "../table-shape.ts";
import type { Choices, PlanRestore, RestorePlan, RestoreProblem } from "./contract.ts";
import { imageFields } from "./image-fields.ts";
import { type Problem, relationProblems } from "./problems.ts";
import { deletedImage, markedImage, type RowImage } from "./row-image.ts";
import { insertSql, unmarkSql } from "./statements.ts";

export interface BuiltPlan {
  plan: RestorePlan;
  /** The row as it will be written, as jsonb text, and the columns that are written. */
  image: string;
  written: string[];
  managed: ManagedTable | null;
}

interface Place {
  id: string;
  name: string;
  managed: readonly ManagedTable[];
}

/** Looks at the world on one client and says what a restore would do. `lock` also holds it still until the transaction ends. */
export async function buildPlan(
  client: pg.PoolClient,
  place: Place,
  input: PlanRestore,
  lock: boolean,
): Promise<BuiltPlan> {
  const source = await sourceImage(client, place, input, lock);
  const managed = place.managed.find(({ schema, name }) => schema === source.schema && name === source.table) ?? null;
  const table = await tableShape(client, source.schema, source.table);
  if (!table) return tableGone(place, source, input.choices);
  return source.kind === "hard"
    ? hardPlan(client, place, source, table, managed, input.choices)
    : softPlan(client, place, source, table, managed);
}

function sourceImage(client: pg.PoolClient, place: Place, input: PlanRestore, lock: boolean): Promise<RowImage> {
  if (input.entry !== undefined) return deletedImage(client, input.entry);
  const table = place.managed.find(({ schema, name }) => schema === input.schema && name === input.table);
  if (!table || input.record === undefined) {
    throw new Refusal(
      "invalid",
      "A restore needs the entry of a deletion, or the table and key of a row that is marked as deleted.",
      {
        fix: "Start from the list of deleted records.",
      },
    );
  }
  return markedImage(client, table, input.record, lock);
}

async function hardPlan(
  client: pg.PoolClient,
  place: Place,
  source: RowImage,
  table: TableShape,
  managed: ManagedTable | null,
  choices: Choices,
): Promise<BuiltPlan> {
  const values = await imageValues(client, source.json);
  const { fields, problems, fitting } = await imageFields(client, table, values, source.json, choices);
  const fits = await keepColumns(client, source.json, fitting);
  const related = await relationProblems(client, table, place.managed, source, fits);
  const nulls = Object.keys(choices).filter((name) => choices[name] === "null");
  const written = [
    ...fitting.filter((name) => choices[name] !== "skip"),
    ...nulls.filter((name) => !fitting.includes(name)),
  ].filter((name) => table.columns.some((column) => column.name === name && !column.generated));
  const image = await keepColumns(
    client,
    fits,
    written,
    nulls.filter((name) => written.includes(name)),
  );
  const statement = {
    sql: insertSql(table, written),
    object: `row of ${source.schema}.${source.table}`,
    lock: `ROW EXCLUSIVE on ${source.table}, milliseconds; readers and writers of other rows go on`,
    why: "Puts the row back under its own key; sequences stay where they are.",
    transactional: true,
  };
  const settled = [...problems, ...related].map((problem) => settle(problem, choices));
  return { plan: toPlan(place, source, settled, fields, statement, choices, table), image, written, managed };
}

async function softPlan(
  client: pg.PoolClient,
  place: Place,
  source: RowImage,
  table: TableShape,
  managed: ManagedTable | null,
): Promise<BuiltPlan> {
  const softDelete = managed?.softDelete;
  if (!managed || !softDelete) throw new Refusal("invalid", `${source.table} has no column that marks deleted rows.`);
  const { column, kind } = softDelete;
  const cleared = kind === "boolean" ? "false" : "null";
  const values = await imageValues(client, source.json);
  const type = table.columns.find(({ name }) => name === column)?.type ?? "";
  const fields = [
    {
      name: column,
      type,
      was: values.get(column) ?? null,
      will: cleared,
      note: "The mark is taken off; nothing else changes.",
    },
  ];
  const { rows } = await client.query<{ image: string }>(
    "SELECT jsonb_set($1::jsonb, ARRAY[$2::text], $3::jsonb)::text AS image",
    [source.json, column, cleared],
  );
  const image = rows[0]?.image ?? source.json;
  const problems = (await relationProblems(client, table, place.managed, source, image)).map((problem) =>
    settle(problem, {}),
  );
  const statement = {
    sql: unmarkSql(table, managed.primaryKey, softDelete),
    object: `row of ${source.schema}.${source.table}`,
    lock: `ROW EXCLUSIVE on ${source.table}, milliseconds; the row itself is locked`,
    why: "Takes the mark off the row, which never left its table.",
    transactional: true,
  };
  return { plan: toPlan(place, source, problems, fields, statement, {}, table), image, written: [column], managed };
}

/** A problem is settled by a choice for its columns. One NULL already frees a key; a parent that is only marked needs none. */
function settle(problem: Problem, choices: Choices): RestoreProblem {
  const chosen = problem.columns.filter((name) => {
    const choice = choices[name];
    return choice !== undefined && problem.choices.includes(choice);
  });
  const wanted = frees.has(problem.code) ? Math.min(1, problem.columns.length) : Math.max(1, problem.columns.length);
  const advice = problem.code === "parent_deleted" && problem.columns.length === 0;
  return { ...problem, settled: advice || (problem.choices.length > 0 && chosen.length >= wanted) };
}

const frees: ReadonlySet<string> = new Set(["unique_clash", "parent_missing", "parent_deleted"]);

function toPlan(
  place: Place,
  source: RowImage,
  problems: RestoreProblem[],
  fields: RestorePlan["fields"],
  statement: RestorePlan["statement"],
  choices: Choices,
  table: TableShape | null,
): RestorePlan {
  const { kind, entry, schema, table: name, record, tenant } = source;
  const status = problems.find(({ settled }) => !settled)?.code ?? "clean";
  const world = JSON.stringify([place.id, source, Object.entries(choices).sort(), problems, table]);
  const hash = createHash("sha256").update(world).digest("hex");
  return {
    database: place.id,
    databaseName: place.name,
    kind,
    entry,
    schema,
    table: name,
    record,
    status,
    problems,
    fields,
    statement,
    tenant,
    choices,
    hash,
  };
}

function tableGone(place: Place, source: RowImage, choices: Choices): BuiltPlan {
  const message = `The table ${source.schema}.${source.table} is gone. The row itself is still in the audit log.`;
  const problem: RestoreProblem = {
    code: "table_gone",
    message,
    columns: [],
    choices: [],
    settled: false,
    about: null,
  };
  const statement = {
    sql: "",
    object: "nothing",
    lock: "none",
    why: "There is no table to write to.",
    transactional: true,
  };
  return {
    plan: toPlan(place, source, [problem], [], statement, choices, null),
    image: "{}",
    written: [],
    managed: null,
  };
}

/** The image's fields, each as the JSON text that PostgreSQL prints, in the image's order. */
async function imageValues(client: pg.PoolClient, json: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; value: string }>(
    "SELECT key, value::text AS value FROM jsonb_each($1::jsonb)",
    [json],
  );
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/** The image with these columns only, some of them set to null. */
async function keepColumns(
  client: pg.PoolClient,
  json: string,
  kept: readonly string[],
  nulls: readonly string[] = [],
): Promise<string> {
  const { rows } = await client.query<{ image: string }>(
    `SELECT (coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each($1::jsonb) WHERE key = ANY ($2::text[])), '{}')
             || coalesce((SELECT jsonb_object_agg(name, NULL) FROM unnest($3::text[]) AS name), '{}'))::text AS image`,
    [json, kept, nulls],
  );
  return rows[0]?.image ?? "{}";
}
