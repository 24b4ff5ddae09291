import { literal } from "../../../managed/statement.ts";
import { rows } from "../scratch.ts";
import { keyArray } from "../values.ts";
import type { Work, WorkTable } from "../work.ts";
import { readEntries } from "./read-entries.ts";
import { takeEntries } from "./take-entries.ts";

/**
 * Takes up what went in the same transactions as the rows and hung from them: never by a span of time, so that a child that
 * was deleted before its parent stays deleted.
 */
export async function takeChildren(work: Work, which = "true"): Promise<void> {
  await readEntries(work, () => ({
    from: `${work.log} AS audit_logs`,
    where: `${which} AND transaction_id IN (SELECT r.xact FROM ${rows} AS r WHERE r.xact IS NOT NULL)`,
  }));
  for (let found = 1; found > 0; ) {
    found = 0;
    for (const table of [...work.tables]) found += await takeChildrenOf(work, table);
  }
}

async function takeChildrenOf(work: Work, table: WorkTable): Promise<number> {
  let found = 0;
  for (const { schema, table: name, columns, parentColumns } of table.shape?.children ?? []) {
    const child = `schema_name = ${literal(schema)} AND table_name = ${literal(name)}`;
    const hangs = `(xact, ${keyArray("image", columns)}) IN (
      SELECT r.xact, ${keyArray("r.image", parentColumns)} FROM ${rows} AS r WHERE r.tab = ${table.tab})`;
    found += await takeEntries(work, "child", `${child} AND ${hangs}`);
  }
  return found;
}
