import type pg from "pg";
import { type KeyColumn, keyColumns } from "../../managed/row-key.ts";
import type { ManagedTable } from "../../managed-tables.ts";
import { type Column, type TableShape, tableShapes } from "../table-shape.ts";
import type { Choices } from "./choices.ts";
import type { Moved } from "./moved/moved.ts";
import { carriedLog } from "./scratch.ts";

/** A table that rows are restored into. */
export interface WorkTable {
  /** Its number in this plan. */
  tab: number;
  schema: string;
  name: string;
  /** Null when there is no such table any more. */
  shape: TableShape | null;
  managed: ManagedTable | null;
}

/** What a plan is worked out with. */
export interface Work {
  client: pg.PoolClient;
  /** The database that rows are written to. */
  database: { id: string; name: string };
  /** SQL of the log that rows come from: the database's own, or what is carried over from the log of where their tenant lived. */
  log: string;
  /** Set where a tenant has moved since its rows went. */
  moving: Moving | null;
  managed: readonly ManagedTable[];
  tables: WorkTable[];
  choices: Choices;
  /** Which round of looking at the rows this is; what a round brings in or changes is looked at in the next. */
  round: number;
  /** Whether rows that stand in the database are locked when they are read. */
  lock: boolean;
  /** Whether a restore is taken back: then children go before their parents. */
  undoing: boolean;
  /** The restore that this is done for; null for a plan that is only looked at. */
  restore: string | null;
}

interface TableName {
  schema: string;
  name: string;
}

/** Takes up tables that are not known yet. */
export async function knowTables(work: Work, names: readonly TableName[]): Promise<void> {
  const fresh = names.filter((name) => tableOf(work, name) === undefined);
  const shapes = await tableShapes(work.client, fresh);
  for (const { schema, name } of fresh) {
    if (tableOf(work, { schema, name })) continue;
    work.tables.push({
      tab: work.tables.length,
      schema,
      name,
      shape: shapes.find((shape) => shape.schema === schema && shape.name === name) ?? null,
      managed: work.managed.find((table) => table.schema === schema && table.name === name) ?? null,
    });
  }
}

/** A tenant that has moved, and the log of where it lived as it can be asked. */
export type Moving = Moved & { log: pg.ClientBase };

export function startWork(
  client: pg.PoolClient,
  { id, name, managed, moved }: Place,
  log: pg.ClientBase,
  more: Pick<Work, "choices" | "lock" | "undoing" | "restore">,
): Work {
  const moving = moved && { ...moved, log };
  const from = moving ? carriedLog : "caretaker.audit_logs";
  return { client, database: { id, name }, log: from, moving, managed, tables: [], round: -1, ...more };
}

/** The database that a plan writes to, with what an administrator confirmed of its tables. */
export interface Place {
  id: string;
  name: string;
  managed: readonly ManagedTable[];
  /** Of a plan for a tenant that has moved: which, and from where. */
  moved: Moved | null;
}

/** The database in whose log the deletion is. */
export function recordedIn({ database, moving }: Work): { id: string; name: string } {
  return moving ? moving.from : database;
}

export function tableOf(work: Work, { schema, name }: TableName): WorkTable | undefined {
  return work.tables.find((table) => table.schema === schema && table.name === name);
}

export function named({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}

/** The columns by which the log names rows of the table, with their types; none when it has no key, or another one now. */
export function keyOf({ shape, managed }: WorkTable): KeyColumn[] {
  if (!shape) return [];
  const key = shape.primaryKey.length > 0 ? shape.primaryKey : (managed?.primaryKey ?? []);
  return keyColumns(key, shape.columns);
}

/** The columns that hold values of their own. */
export function storedColumns(shape: TableShape): Column[] {
  return shape.columns.filter(({ generatedAs }) => generatedAs === null);
}

export function columnOf(shape: TableShape, name: string): Column | undefined {
  return shape.columns.find((column) => column.name === name);
}
