import type pg from "pg";
import { holdsFor } from "../../../audit/retention/holds.ts";
import { Refusal } from "../../../errors.ts";
import { holdOf } from "../../../managed/holds/refuse.ts";
import type { Hold, HoldableTable } from "../../../managed/holds/rule.ts";
import { standingHolds } from "../../../managed/holds/standing.ts";
import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { tenantSourceOf } from "../../../managed/tenant-source.ts";
import { managedTablesOf } from "../../../managed-tables.ts";
import { type TableShape, tableShapes } from "../../table-shape.ts";
import type { FoundTable } from "./findings.ts";
import { keyOf, type Looking, nameOf } from "./looking.ts";

type Place = Pick<Looking, "client" | "managed"> & { database: string };

/** SQL over the row `alias` of a table: whether a hold keeps it. */
export type HeldSql = (shape: TableShape, alias: string) => string;

/** Asks once which holds there are. */
export async function heldSqlOf(looking: Looking): Promise<HeldSql> {
  const place: Place = { ...looking, database: looking.subject.database };
  const holds = await holdsIn(place);
  return (shape, alias) => `(${holdOf(holds, holdable(place, shape), alias)} IS NOT NULL)`;
}

/** The holds that stand here, and those that were placed and come to stand yet. */
async function holdsIn({ client, database }: Place): Promise<Hold[]> {
  const placed = await holdsFor(database);
  const standing = await standingHolds(client);
  return [...standing, ...placed.filter(({ id }) => !standing.some((one) => one.id === id))];
}

/** Names the rows that a legal hold keeps. */
export async function markHeld(looking: Looking, tables: readonly FoundTable[]): Promise<FoundTable[]> {
  const place: Place = { ...looking, database: looking.subject.database };
  const holds = await holdsIn(place);
  if (holds.length === 0) return [...tables];
  const marked: FoundTable[] = [];
  for (const table of tables) {
    const shape = looking.shapes.get(nameOf(table));
    const records = table.rows.map(({ record }) => record);
    marked.push(shape ? { ...table, held: await heldOf(place, shape, records, holds) } : table);
  }
  return marked;
}

/** @throws Refusal `stale_plan` when a hold keeps one of these rows: it may have been placed since the plan was made. */
export async function requireFree(
  client: pg.PoolClient,
  database: string,
  parts: readonly { schema: string; name: string; records: readonly string[] }[],
): Promise<void> {
  const place: Place = { client, database, managed: await managedTablesOf(database) };
  const holds = await holdsIn(place);
  if (holds.length === 0) return;
  const shapes = await tableShapes(client, parts);
  for (const part of parts) {
    const shape = shapes.find((one) => nameOf(one) === nameOf(part));
    if (shape && (await heldOf(place, shape, part.records, holds)).length > 0) throw isHeld(nameOf(part));
  }
}

export function isHeld(table: string): Refusal {
  return new Refusal("stale_plan", `A legal hold keeps rows of ${table}; nothing was done.`, {
    fix: "Search again: held rows stay as they are, and the new plan leaves them out.",
  });
}

/** Not asked with the patience of other questions: what is not known to be free of holds must not be erased. */
async function heldOf(
  place: Place,
  shape: TableShape,
  records: readonly string[],
  holds: readonly Hold[],
): Promise<string[]> {
  const key = keyOf(place, shape);
  if (records.length === 0 || key.length === 0) return [];
  const { rows } = await place.client.query<{ record: string }>(
    `SELECT r.record FROM unnest($1::text[]) AS r (record)
      CROSS JOIN LATERAL ${keyRecord(key, "r.record", "k")}
       JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "k", key)}
      WHERE ${holdOf(holds, holdable(place, shape), "t")} IS NOT NULL ORDER BY 1`,
    [records],
  );
  return rows.map(({ record }) => record);
}

/** The table as its rules see it, with how its rows tell their tenant. */
export function holdable({ managed }: Pick<Looking, "managed">, shape: TableShape): HoldableTable {
  const known = managed.find(({ schema, name }) => schema === shape.schema && name === shape.name);
  const has = (name: string) => shape.columns.some((column) => column.name === name);
  return {
    schema: shape.schema,
    name: shape.name,
    columns: shape.columns.map(({ name, plainType, generatedAs }) => ({
      name,
      type: plainType,
      generated: generatedAs !== null,
    })),
    primaryKey: shape.primaryKey.length > 0 ? shape.primaryKey : (known?.primaryKey ?? []),
    partitioned: shape.partitioned,
    tenant: known ? tenantSourceOf(known, managed, null, has) : null,
    marks: known?.softDelete != null,
    aside: known?.class === "ignored",
  };
}
