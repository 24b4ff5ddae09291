import type pg from "pg";
import { isWide, leaveOutSql, type Numbered, sequencesOf, setAsideSql } from "../../../managed/moving/numbers.ts";
import type { Statement } from "../../../managed/statement.ts";
import { isCommon, setNextSql } from "../../cutover/sequences.ts";
import type { Phase, PlannedEnds } from "../phases.ts";
import type { ReferenceTable } from "../references.ts";

/** The columns that sequences fill, where the tenant is now. */
export interface NumberedColumns {
  moving: Numbered[];
  /** Of shared tables that go along. */
  references: Numbered[];
}

export async function readNumbered(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
  references: readonly ReferenceTable[],
): Promise<NumberedColumns> {
  const along: Numbered[] = [];
  for (const table of references) along.push(...(await sequencesOf(client, table.schema, [table.name])));
  return { moving: await sequencesOf(client, schema, tables), references: along };
}

/** Where a column is too narrow for a block of its own, the old sequence jumps and the new one takes what it left out. */
export function asideStatements({ moving, references }: NumberedColumns, { from, to }: PlannedEnds): Phase[] {
  const parting = to.standing.shared ? [] : moving.filter(({ schema }) => isCommon(from, schema));
  const narrow = [...parting, ...references].filter((one) => !isWide(one));
  const wide = references.filter(isWide);
  const name = "Set ids aside";
  return [
    {
      name,
      where: "from",
      statements: narrow.map((one) => ({
        ...aside(one, "It leaves out ids, which the tenant draws."),
        sql: leaveOutSql,
      })),
    },
    {
      name,
      where: "to",
      statements: [
        ...narrow.map((one) => aside(one, "It draws the ids that the old place leaves out.")),
        ...wide.map((one) => aside(one, "It draws from a block of its own above 10^15.")),
      ],
    },
  ];
}

function aside({ table, column }: Numbered, why: string): Statement {
  return { sql: setAsideSql, object: `$1: sequence of ${table}.${column}`, lock: "none", why, transactional: true };
}

/** All of them in one statement. */
export function nextStatements({ moving }: NumberedColumns): Statement[] {
  if (moving.length === 0) return [];
  const names = moving.map(({ table, column }) => `${table}.${column}`);
  return [
    {
      sql: setNextSql,
      object: `$1: sequences of ${names.join(", ")}`,
      lock: "none",
      why: "$2 is where the old place's numbers end, or where the tenant's own block begins; none is ever set back.",
      transactional: true,
    },
  ];
}
