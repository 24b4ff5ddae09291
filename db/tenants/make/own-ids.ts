import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inDatabase } from "../../fleet.ts";
import {
  blockOf,
  type Handover,
  isWide,
  leaveOut,
  leaveOutSql,
  type Numbered,
  type Portion,
  paired,
  sequencesOf,
  setAsideSql,
  setNumber,
} from "../../managed/moving/numbers.ts";
import type { Statement } from "../../managed/statement.ts";
import type { Source } from "./source.ts";

/** What a tenant small enough for shared tables does not use up. Each tenant made apart takes as much from the shared sequences. */
const portion: Portion = { of: 10_000n, most: 100_000n };

/** The columns that sequences fill in the shared tables, and in those that every tenant uses. */
export async function readNumbered(client: pg.ClientBase, source: Source): Promise<Numbered[]> {
  return await numberedIn(client, source, (schema) => schema);
}

async function numberedIn(
  client: pg.ClientBase,
  source: Source,
  schemaOf: (schema: string) => string,
): Promise<Numbered[]> {
  // Tenants are listed by the database that has their list, and drawn no keys elsewhere.
  const { schema: listed, table: list } = source.tenantsTable;
  const tables = [...source.own, ...source.shared].filter(({ schema, name }) => schema !== listed || name !== list);
  const numbered: Numbered[] = [];
  for (const [schema, some] of Map.groupBy(tables, (table) => table.schema)) {
    const names = some.map(({ name }) => name);
    const found = await sequencesOf(client, schemaOf(schema), names);
    numbered.push(...found.map((one) => ({ ...one, table: `${schema}.${one.table}` })));
  }
  return numbered;
}

/** In the plan, of the sequences that are made anew. */
export function ownIdStatements(made: readonly Numbered[]): Statement[] {
  return made.flatMap((one) =>
    isWide(one)
      ? [
          aside(
            one,
            "the tenant's",
            "It draws from a block of the tenant's own above 10^15, so that no id is given twice.",
          ),
        ]
      : [
          {
            ...aside(one, "the shared", "It leaves out ids, a ten-thousandth of what is left and at most 100,000."),
            sql: leaveOutSql,
          },
          aside(one, "the tenant's", "It draws the ids that the shared one leaves out."),
        ],
  );
}

function aside({ table, column }: Numbered, whose: string, why: string): Statement {
  return {
    sql: setAsideSql,
    object: `$1: ${whose} sequence of ${table}.${column}`,
    lock: "none",
    why,
    transactional: true,
  };
}

/** A number that no move and no other tenant has. In the caller's transaction on the console's database. */
export async function takeBlock(control: pg.ClientBase): Promise<{ block: number }> {
  const { rows } = await control.query<{ block: number }>(
    "SELECT nextval(pg_get_serial_sequence('moves', 'number'))::int AS block",
  );
  const [row] = rows;
  if (!row) throw new Error("There is no number for a block of ids.");
  return { ...row };
}

/** Where the tenant's tables are. */
export interface OwnPlace {
  databaseId: string;
  schemaOf(schema: string): string;
}

/**
 * Lets the sequences that were made for a tenant draw ids that neither the shared ones nor another tenant's ever draw, so that its rows
 * can come into the shared tables. Nobody draws from them yet; done again it leaves out ids once more.
 */
export async function setOwnIds(actor: Actor, source: Source, place: OwnPlace, block: number): Promise<void> {
  await inDatabase(actor, source.databaseId, async (home) => {
    if (place.databaseId === source.databaseId) return await setBetween(home, home, source, place, block);
    await inDatabase(actor, place.databaseId, (there) => setBetween(home, there, source, place, block));
  });
}

async function setBetween(
  home: pg.ClientBase,
  there: pg.ClientBase,
  source: Source,
  { schemaOf }: OwnPlace,
  block: number,
): Promise<void> {
  const handovers = paired(await readNumbered(home, source), await numberedIn(there, source, schemaOf));
  for (const handover of handovers) {
    // A tenant's own schema goes on drawing from the shared sequences of serial columns.
    if (home === there && handover.giving === handover.receiving) continue;
    await setApart(home, there, handover, block);
  }
}

async function setApart(home: pg.ClientBase, there: pg.ClientBase, handover: Handover, block: number): Promise<void> {
  if (isWide(handover)) await setNumber(there, handover.receiving, blockOf(block));
  else await leaveOut(home, there, handover, portion);
}
