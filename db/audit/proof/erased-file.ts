import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { archivedColumns } from "../archive/columns.ts";
import { printedSha256 } from "../archive/parquet.ts";
import type { Rewriting } from "../archive/rewrite-month.ts";
import { quoted } from "../cold/duck.ts";
import type { ErasureInput } from "./contract.ts";
import { type Erasable, erasableColumns, withoutValues } from "./erased-values.ts";

/** An archived month without a subject's values in the entries with these ids; null when it holds none of them. */
export async function erasedFile(
  duck: DuckDBConnection,
  file: string,
  input: ErasureInput,
  ids: readonly string[],
): Promise<Rewriting | null> {
  const count = await collect(duck, file, input, ids);
  if (count === 0) return null;
  const columns = archivedColumns.map(({ name }) =>
    erasable.has(name) ? `CASE WHEN place IS NULL THEN entries.${name} ELSE erased.${name} END AS ${name}` : name,
  );
  return {
    sql: `SELECT ${columns.join(", ")} FROM read_parquet(${quoted(file)}, file_row_number = true) AS entries
            LEFT JOIN erased ON place = file_row_number`,
    values: [],
    why: `A person's values were erased from ${count} of its entries.`,
    // Both files have their entries in the same order, so that a place is the same entry's.
    async check(duck, parquet, folder) {
      const untouched = "file_row_number NOT IN (SELECT place FROM erased)";
      const [before, after] = [
        await printedSha256(duck, file, folder, untouched),
        await printedSha256(duck, parquet, folder, untouched),
      ];
      if (before !== after) throw new Error("An entry that was not meant to be erased would have changed.");
    },
  };
}

const erasable = new Set<string>(erasableColumns);

/** Puts what is to stand in the place of each entry into the table `erased`; answers how many entries change. */
async function collect(
  duck: DuckDBConnection,
  file: string,
  input: ErasureInput,
  ids: readonly string[],
): Promise<number> {
  await duck.run("CREATE TEMP TABLE wanted (id BIGINT)");
  const wanted = await duck.createAppender("wanted");
  for (const id of ids) {
    wanted.appendBigInt(BigInt(id));
    wanted.endRow();
  }
  wanted.closeSync();
  await duck.run(
    `CREATE TEMP TABLE found AS SELECT file_row_number AS place, ${erasableColumns.join(", ")}
       FROM read_parquet(${quoted(file)}, file_row_number = true) WHERE id IN (FROM wanted)`,
  );
  await duck.run("CREATE TEMP TABLE erased AS FROM found LIMIT 0");
  const erased = await duck.createAppender("erased");
  let count = 0;
  for (
    let rows = await foundAfter(duck, -1n);
    rows.length > 0;
    rows = await foundAfter(duck, rows.at(-1)?.place ?? 0n)
  ) {
    for (const { place, entry } of rows) {
      const after = withoutValues(input, entry);
      if (erasableColumns.every((name) => after[name] === entry[name])) continue;
      append(erased, place, after);
      count += 1;
    }
  }
  erased.closeSync();
  return count;
}

/** A stretch of the entries found, from the next place on. */
async function foundAfter(duck: DuckDBConnection, last: bigint): Promise<{ place: bigint; entry: Erasable }[]> {
  const reader = await duck.runAndReadAll(`FROM found WHERE place > ${last} ORDER BY place LIMIT 2000`);
  return reader.getRowObjects().map((row) => {
    const text = (name: keyof Erasable) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
    const entry = {
      ...{ ip_address: text("ip_address"), user_agent: text("user_agent"), metadata: text("metadata") },
      ...{ old_values: text("old_values"), new_values: text("new_values"), changes: text("changes") },
    };
    return { place: BigInt(String(row.place)), entry };
  });
}

function append(table: DuckDBAppender, place: bigint, entry: Erasable): void {
  table.appendBigInt(place);
  for (const name of erasableColumns) {
    const value = entry[name];
    if (value === null) table.appendNull();
    else table.appendVarchar(value);
  }
  table.endRow();
}
