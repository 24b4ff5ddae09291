import type { PlanRestore } from "./contract.ts";
import { formOf } from "./from.ts";
import { restoreRecord } from "./report/list.ts";
import { rows } from "./scratch.ts";
import type { Work } from "./work.ts";

/** What a plan is about, for people. */
export async function subjectOf(work: Work, input: PlanRestore): Promise<string> {
  const { table, record, transaction, row = [], q, version } = input;
  switch (formOf(input)) {
    case "transaction":
      return `deletion ${transaction}`;
    case "row":
      return `${row.length} selected rows`;
    case "q":
      return `deletions matching ${q}`;
    case "record":
      return `${table} ${record}`;
    case "version":
      return `${table} ${record} as of entry ${version}`;
    case "undo":
      return `the restore of ${(await restoreRecord(input.undo ?? "")).subject}`;
    default:
      return firstOf(work);
  }
}

async function firstOf({ client, tables }: Work): Promise<string> {
  const { rows: found } = await client.query<{ tab: number; record: string | null }>(
    `SELECT tab, record FROM ${rows} WHERE origin = 'asked' ORDER BY n LIMIT 1`,
  );
  const [first] = found;
  return first ? `${tables[first.tab]?.name} ${first.record ?? "without a key"}` : "a row";
}
