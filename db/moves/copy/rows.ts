import type { Writable } from "node:stream";
import { from as copyFrom } from "pg-copy-streams";
import { copyBlocks } from "../../copy/blocks.ts";
import type { MovingTable } from "../../managed/moving/table.ts";
import { identifier, relation } from "../../managed/statement.ts";
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
  const name = relation(pair.to.standing.schema, table.name);
  return carryInto(pair, { name, columns: table.columns, binary: table.binary }, source);
}

/** As `carryRows`, into any table by its quoted name. */
export async function carryInto(
  pair: Pair,
  target: { name: string; columns: readonly string[]; binary: boolean },
  source: string,
): Promise<{ rows: number; bytes: number | null }> {
  const columns = target.columns.map((name) => identifier(name)).join(", ");
  const list = target.columns.map((name) => `t.${identifier(name)}`).join(", ");
  if (isOneDatabase(pair)) {
    const { rowCount } = await pair.to.client.query(
      `INSERT INTO ${target.name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${list} ${source}`,
    );
    return { rows: rowCount ?? 0, bytes: null };
  }
  const format = target.binary ? "(FORMAT binary)" : "";
  return pipe(
    pair,
    `COPY (SELECT ${list} ${source}) TO STDOUT ${format}`,
    `COPY ${target.name} (${columns}) FROM STDIN ${format}`,
  );
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
