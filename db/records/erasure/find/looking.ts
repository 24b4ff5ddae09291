import pg from "pg";
import { type KeyColumn, keyColumns } from "../../../managed/row-key.ts";
import type { ManagedTable } from "../../../managed-tables.ts";
import { type TableShape, tableShapes } from "../../table-shape.ts";
import type { ErasureChoices, ErasureSubject, NotReached } from "../contract.ts";
import { foundColumn, holdsSql } from "./columns.ts";
import type { FoundColumn } from "./findings.ts";
import type { Personal } from "./personal.ts";

/** Rows of one table, or of one foreign key, that a search takes up at most. */
export const rowsMax = 2_000;

/** One search in one database. */
export interface Looking {
  client: pg.PoolClient;
  subject: ErasureSubject;
  choices: ErasureChoices;
  personal: Personal;
  managed: readonly ManagedTable[];
  shapes: Map<string, TableShape>;
  /** What could not be looked at, and why. */
  notReached: NotReached[];
  signal: AbortSignal;
}

export function nameOf({ schema, name }: { schema: string; name: string }): string {
  return `${schema}.${name}`;
}

/** Where each tenant has a schema of its own there are thousands. */
const shapesAtOnce = 200;

/** Takes up the shapes of tables that are not known yet. */
export async function learn(looking: Looking, tables: readonly { schema: string; name: string }[]): Promise<void> {
  const fresh = tables.filter((table) => !looking.shapes.has(nameOf(table)));
  for (let at = 0; at < fresh.length; at += shapesAtOnce) {
    const shapes = await tableShapes(looking.client, fresh.slice(at, at + shapesAtOnce));
    for (const shape of shapes) looking.shapes.set(nameOf(shape), shape);
  }
}

/** The columns by which rows of a table are named; none when nothing tells its rows apart. */
export function keyOf({ managed }: Pick<Looking, "managed">, shape: TableShape): KeyColumn[] {
  const confirmed = managed.find(({ schema, name }) => schema === shape.schema && name === shape.name)?.primaryKey;
  return keyColumns(shape.primaryKey.length > 0 ? shape.primaryKey : (confirmed ?? []), shape.columns);
}

/** The personal columns of a table, as they are there now. */
export function personalOf({ personal }: Looking, shape: TableShape): FoundColumn[] {
  return [...(personal.confirmed.get(nameOf(shape)) ?? [])].flatMap((name) => foundColumn(shape, name) ?? []);
}

/** SQL of the names of those columns that hold a personal value in the row `alias`. */
export function holdingSql(looking: Looking, shape: TableShape, alias: string): string {
  const tests = personalOf(looking, shape).map((column) => {
    const sql = `${alias}.${pg.escapeIdentifier(column.name)}`;
    return `CASE WHEN ${holdsSql(sql, column, chosenText(looking, shape, column.name))} THEN ${pg.escapeLiteral(column.name)} END`;
  });
  return tests.length === 0 ? "'{}'::text[]" : `array_remove(ARRAY[${tests.join(", ")}]::text[], NULL)`;
}

/** A text that somebody chose to stand in a column, as SQL; where it stands, nothing is left to erase. */
function chosenText({ choices }: Looking, shape: TableShape, column: string): string | null {
  for (const [key, choice] of Object.entries(choices)) {
    const method = choice.do === "redact" ? choice.columns[column] : undefined;
    if (method?.do === "text" && method.to !== "" && key.includes(`${nameOf(shape)}`))
      return pg.escapeLiteral(method.to);
  }
  return null;
}

/**
 * Asks one question of a search. What takes too long or may not be read is told in words, and the search goes on with the rest.
 */
export async function ask<T>(looking: Looking, where: string, question: () => Promise<T>, otherwise: T): Promise<T> {
  looking.signal.throwIfAborted();
  await looking.client.query("SAVEPOINT question");
  try {
    const answer = await question();
    await looking.client.query("RELEASE SAVEPOINT question");
    return answer;
  } catch (error) {
    const why = whyNot(error);
    if (why === null) throw error;
    await looking.client.query("ROLLBACK TO SAVEPOINT question");
    looking.notReached.push({ where, why });
    return otherwise;
  }
}

function whyNot(error: unknown): string | null {
  if (!(error instanceof pg.DatabaseError)) return null;
  if (error.code === "57014") return "It was not read within its time.";
  if (error.code === "42501") return `The console's role may not read it: ${error.message}.`;
  if (error.code?.startsWith("22")) return "The key that was given does not fit its type.";
  if (error.code === "55P03") return "Somebody holds a lock on it.";
  return null;
}
