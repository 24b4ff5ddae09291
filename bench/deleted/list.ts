import type { Actor } from "#db/actor.ts";
import { deletionRows } from "#db/records/bin/deletion-rows.ts";
import { listDeletions } from "#db/records/bin/list.ts";
import { type Ask, timeKinds } from "../audit-read/time.ts";
import type { BenchTable } from "../bench.ts";

const tables = ["customers", "orders", "other_01", "other_20", "other_42"];
const deepPages = 20;

/** Times the list of deletions as its screen asks for it: the first page, by table, by record, far down, and the rows of one deletion. */
export async function timeLists(actor: Actor, database: string): Promise<{ list_p95_ms: number; table: BenchTable }> {
  const list = (q?: string, cursor?: string) => listDeletions(actor, { database, ...(q ? { q } : {}) }, cursor);
  const deep = await cursorAt(deepPages, list);
  const [newest] = (await list()).rows;
  if (!newest) throw new Error("The list of deletions is empty.");
  const asks: Ask[] = [
    { kind: "first page", run: () => list() },
    { kind: `page ${deepPages}`, run: () => list(undefined, deep) },
    ...tables.map((table) => ({ kind: "a table", run: () => list(`table:${table}`) })),
    ...tables.map((_, at) => ({ kind: "a record", run: () => list(`record:${(at + 1) * 1000}`) })),
    {
      kind: "the rows of one",
      run: () => deletionRows(actor, { database, transaction: newest.transaction, near: newest.at }),
    },
  ];
  const { worst, table } = await timeKinds("The list of deletions", asks);
  return { list_p95_ms: worst, table };
}

async function cursorAt(
  page: number,
  list: (q?: string, cursor?: string) => ReturnType<typeof listDeletions>,
): Promise<string> {
  let cursor: string | undefined;
  for (let at = 1; at < page; at++) cursor = (await list(undefined, cursor)).next ?? cursor;
  if (cursor === undefined) throw new Error("There is only one page of deletions.");
  return cursor;
}
