import type pg from "pg";
import { quote, quoteTable } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";
import type { Finding } from "./contract.ts";
import { isLive, isMarked } from "./live.ts";

interface Reference {
  name: string;
  schema: string;
  table: string;
  columns: string[];
  parentSchema: string;
  parentTable: string;
  parentColumns: string[];
}

interface Pointing {
  findings: Finding[];
  unknown: string[];
}

const countedMax = 1_000;
const eachMs = 2_000;

/** Live rows whose parent is marked as deleted, by the parent's table: the application shows them without what they belong to. */
export async function pointingAtDeleted(
  client: pg.PoolClient,
  tables: readonly SoftTable[],
): Promise<Map<string, Pointing>> {
  const soft = new Map(tables.map((table) => [quoteTable(table), table]));
  const found = new Map<string, Pointing>();
  for (const reference of await referencesTo(client, tables)) {
    const parent = soft.get(quoteTable({ schema: reference.parentSchema, name: reference.parentTable }));
    if (!parent) continue;
    const of = found.get(quoteTable(parent)) ?? { findings: [], unknown: [] };
    found.set(quoteTable(parent), of);
    const count = await countPointing(client, reference, parent, soft);
    if (count === null)
      of.unknown.push(
        `Whether live rows of ${reference.table} point at deleted ones: no answer within ${eachMs / 1000} s.`,
      );
    else if (count > 0) of.findings.push(findingOf(reference, count));
  }
  return found;
}

async function referencesTo(client: pg.PoolClient, tables: readonly SoftTable[]): Promise<Reference[]> {
  const columns = (constraint: string, relation: string) =>
    `ARRAY(SELECT a.attname::text FROM unnest(${constraint}) WITH ORDINALITY AS k (num, at)
             JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.num ORDER BY k.at)`;
  const { rows } = await client.query<Reference>(
    `SELECT f.conname AS name, n.nspname AS schema, c.relname AS "table", ${columns("f.conkey", "f.conrelid")} AS columns,
            asked.schema AS "parentSchema", asked.name AS "parentTable", ${columns("f.confkey", "f.confrelid")} AS "parentColumns"
       FROM unnest($1::text[], $2::text[]) AS asked (schema, name)
       JOIN pg_constraint f ON f.confrelid = format('%I.%I', asked.schema, asked.name)::regclass
       JOIN pg_class c ON c.oid = f.conrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE f.contype = 'f' AND f.conparentid = 0
      ORDER BY 2, 3, 1`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  return rows;
}

/** Null when it takes too long; a savepoint keeps the rest of the transaction. */
async function countPointing(
  client: pg.PoolClient,
  reference: Reference,
  parent: SoftTable,
  soft: ReadonlyMap<string, SoftTable>,
): Promise<number | null> {
  const child = quoteTable({ schema: reference.schema, name: reference.table });
  const own = soft.get(child);
  const on = reference.columns.map(
    (column, at) => `child.${quote(column)} = parent.${quote(reference.parentColumns[at] ?? "")}`,
  );
  const where = [isMarked(parent, "parent."), ...(own ? [isLive(own, "child.")] : [])];
  await client.query(`SAVEPOINT pointing; SET LOCAL statement_timeout = ${eachMs}`);
  try {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count
         FROM (SELECT FROM ${child} AS child JOIN ${quoteTable(parent)} AS parent ON ${on.join(" AND ")}
                WHERE ${where.join(" AND ")} LIMIT ${countedMax + 1}) AS pointing`,
    );
    return rows[0]?.count ?? 0;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "57014")) throw error;
    return null;
  } finally {
    await client.query("ROLLBACK TO pointing");
  }
}

function findingOf({ name, table, parentTable }: Reference, count: number): Finding {
  const many =
    count > countedMax
      ? `More than ${countedMax.toLocaleString("en")} live rows`
      : count === 1
        ? "1 live row"
        : `${count.toLocaleString("en")} live rows`;
  return {
    code: "points_at_deleted",
    severity: "warning",
    message: `${many} of ${table} ${count === 1 ? "points" : "point"} at a row of ${parentTable} that is marked as deleted (${name}). Restore the parents, or let the application mark the children with them.`,
    statements: [],
  };
}
