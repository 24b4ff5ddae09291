import pg from "pg";
import { quote, quoteTable } from "../row-key.ts";
import type { Column, TableShape } from "../table-shape.ts";

export interface Fit {
  /** Columns that hold the image's value, each with the value as the table would hold it, as JSON text. */
  values: Map<string, string>;
  /** Columns whose value does not fit any more, and why. */
  misfits: Map<string, string>;
}

/** Tries an image against the table's present types: what cannot be read, or would come out otherwise, does not fit. */
export async function fitImage(
  client: pg.PoolClient,
  table: TableShape,
  image: string,
  columns: readonly Column[],
): Promise<Fit> {
  const misfits = new Map<string, string>();
  const whole = await tryColumns(client, table, image, columns);
  const read = typeof whole === "string" ? [] : whole;
  if (typeof whole === "string") {
    for (const column of columns) {
      const one = await tryColumns(client, table, image, [column]);
      if (typeof one === "string") misfits.set(column.name, one);
      else read.push(...one);
    }
  }
  const values = new Map<string, string>();
  for (const { name, was, now, same } of read) {
    if (same) values.set(name, now);
    else misfits.set(name, `${was} would come back as ${now}`);
  }
  return { values, misfits };
}

const times = new Set(["timestamptz", "timestamp", "date"]);

interface Read {
  name: string;
  was: string;
  now: string;
  same: boolean;
}

/** The columns as the table would hold them, or PostgreSQL's reason why it would not. */
async function tryColumns(
  client: pg.PoolClient,
  table: TableShape,
  image: string,
  columns: readonly Column[],
): Promise<Read[] | string> {
  if (columns.length === 0) return [];
  const reads = columns.map(({ name, baseType }) => {
    const [key, column] = [pg.escapeLiteral(name), `r.${quote(name)}`];
    const equal = `coalesce(i.image -> ${key}, 'null') = coalesce(to_jsonb(${column}), 'null')`;
    // A time prints with the zone of whoever wrote it, so it is compared as a time.
    const same = times.has(baseType) ? `${equal} OR (i.image ->> ${key})::timestamptz = ${column}::timestamptz` : equal;
    return `(${key}, (i.image -> ${key})::text, coalesce(to_jsonb(${column}), 'null')::text, coalesce(${same}, false))`;
  });
  const names = `ARRAY[${columns.map(({ name }) => pg.escapeLiteral(name)).join(", ")}]`;
  await client.query("SAVEPOINT fit");
  try {
    const { rows } = await client.query<Read>(
      `SELECT v.name, v.was, v.now, v.same
         FROM (SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each($1::jsonb) WHERE key = ANY (${names})) AS image) AS i
        CROSS JOIN LATERAL jsonb_populate_record(NULL::${quoteTable(table)}, i.image) AS r
        CROSS JOIN LATERAL (VALUES ${reads.join(", ")}) AS v (name, was, now, same)`,
      [image],
    );
    await client.query("RELEASE SAVEPOINT fit");
    return rows;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !/^2[23]/.test(error.code ?? "")) throw error;
    await client.query("ROLLBACK TO SAVEPOINT fit");
    return error.message;
  }
}
