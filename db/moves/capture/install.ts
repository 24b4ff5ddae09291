import { guardStatements, type RowSecurityNow, unguardStatements } from "../../managed/moving/guard.ts";
import type { MovingTable } from "../../managed/moving/table.ts";
import {
  dropNoteStatements,
  dropTriggerStatements,
  noteStatements,
  triggerStatements,
} from "../../managed/moving/triggers.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import { briefly } from "../briefly.ts";
import type { End } from "../pair.ts";

/** The tables of noted keys and the functions that note. They touch nothing of the application's. */
export async function makeNotes(
  { client, standing }: End,
  tables: readonly MovingTable[],
  mover: string,
): Promise<void> {
  for (const table of tables) for (const { sql } of noteStatements(table, standing, mover)) await client.query(sql);
}

/** From when this returns every write of the tenant at this place is noted and asks the gate. */
export async function hangTriggers(end: End, tables: readonly MovingTable[], signal: AbortSignal): Promise<void> {
  for (const table of tables) {
    await change(end, table, triggerStatements(table, end.standing), signal);
  }
}

/** Reads of a place that is not the tenant's are refused from now on. */
export async function guardReads(
  end: End,
  tables: readonly MovingTable[],
  before: Readonly<Record<string, RowSecurityNow>>,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    const now = before[table.name] ?? { enabled: false, forced: false };
    await change(end, table, guardStatements(table, end.standing, now), signal);
  }
}

/** Takes away what the move hung on the tables of a place, and the notes. What is not there does no harm. */
export async function takeDown(
  end: End,
  tables: readonly MovingTable[],
  before: Readonly<Record<string, RowSecurityNow>>,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    if (await exists(end, table.name)) {
      const was = before[table.name] ?? { enabled: false, forced: false };
      const statements = [
        ...dropTriggerStatements(table, end.standing),
        ...unguardStatements(table, end.standing, was),
      ];
      await change(end, table, statements, signal);
    }
    for (const { sql } of dropNoteStatements(table, end.standing)) await end.client.query(sql);
  }
}

async function exists({ client, standing }: End, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    relation(standing.schema, table),
  ]);
  return rows[0]?.there ?? false;
}

/** One table's statements, in one transaction. */
async function change(
  { client, standing }: End,
  table: MovingTable,
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<void> {
  if (statements.length === 0) return;
  const sql = statements.map((statement) => statement.sql).join(";\n");
  await briefly(client, [relation(standing.schema, table.name)], signal, () => client.query(sql));
}
