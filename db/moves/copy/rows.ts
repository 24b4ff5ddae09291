import type { Writable } from "node:stream";
import { from as copyFrom } from "pg-copy-streams";
import { copyBlocks } from "../../copy/blocks.ts";
import type { MovingTable, Standing } from "../../managed/moving/table.ts";
import { identifier, relation, type Statement } from "../../managed/statement.ts";
import { isOneDatabase, type Pair } from "../pair.ts";

/**
 * Carries the rows that `source` selects, as `FROM … WHERE …` over the alias t, to the other place: within the database by one
 * statement, else by COPY from one connection to the other, a block at a time. Answers how many rows, and bytes where they are known.
 */
export async function carryRows(
  pair: Pair,
  table: MovingTable,
  source: string,
): Promise<{ rows: number; bytes: number | null }> {
  return carryInto(pair, receiving(table, pair.to.standing), source);
}

export function receiving({ name, columns, binary }: MovingTable, { schema }: Standing): Receiving {
  return { name: relation(schema, name), columns, binary };
}

/** A table that rows are carried into, by its quoted name. */
export interface Receiving {
  name: string;
  columns: readonly string[];
  binary: boolean;
}

/** As `carryRows`, into any table. */
export async function carryInto(
  pair: Pair,
  target: Receiving,
  source: string,
): Promise<{ rows: number; bytes: number | null }> {
  if (isOneDatabase(pair)) {
    const { rowCount } = await pair.to.client.query(insertSql(target, source));
    return { rows: rowCount ?? 0, bytes: null };
  }
  return pipe(pair, copyOutSql(target, source), copyInSql(target));
}

/** Within a database. */
export function insertSql({ name, columns }: Receiving, source: string): string {
  return `INSERT INTO ${name} (${listed(columns)}) OVERRIDING SYSTEM VALUE SELECT ${listed(columns, "t.")} ${source}`;
}

/** From one database. */
export function copyOutSql({ columns, binary }: Receiving, source: string): string {
  return `COPY (SELECT ${listed(columns, "t.")} ${source}) TO STDOUT${binary ? " (FORMAT binary)" : ""}`;
}

/** Into the other. */
export function copyInSql({ name, columns, binary }: Receiving): string {
  return `COPY ${name} (${listed(columns)}) FROM STDIN${binary ? " (FORMAT binary)" : ""}`;
}

function listed(columns: readonly string[], alias = ""): string {
  return columns.map((name) => `${alias}${identifier(name)}`).join(", ");
}

/** When the rows are there. `name` is quoted. */
export function analyseStatement(name: string): Statement {
  return {
    sql: `ANALYZE ${name}`,
    object: `statistics of ${name}`,
    lock: "none",
    why: "The planner knows the new rows.",
    transactional: true,
  };
}

async function pipe({ from, to, signal }: Pair, out: string, into: string): Promise<{ rows: number; bytes: number }> {
  const stream = to.client.query(copyFrom(into));
  let bytes = 0;
  const written = finished(stream);
  written.catch(() => {}); // told by whoever writes next
  try {
    const rows = await copyBlocks(from.client, out, signal, (block) => {
      bytes += block.length;
      return Promise.race([write(stream, Buffer.from(block)), written]);
    });
    stream.end();
    await written;
    return { rows, bytes };
  } catch (error) {
    // Ends the other COPY, which waits for rows that will not come.
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    await written.catch(() => {});
    throw error;
  }
}

/** The driver holds on to a block until the network took it. */
function write(stream: Writable, block: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(block, (error) => (error ? reject(error) : resolve()));
  });
}

function finished(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("finish", resolve);
    stream.on("error", reject); // a lost connection is told twice
  });
}
