import type { Edge, Findings, FoundTable } from "../find/findings.ts";
import { nameOf } from "../find/looking.ts";

/** By "schema.name": keys of rows. */
export type Rows = Map<string, Set<string>>;

export interface Removals {
  deleted: Rows;
  /** Rows that stay and lose their link to one that goes. */
  unlinked: { table: { schema: string; name: string }; columns: string[]; records: string[] }[];
  /** By an item's key: why its rows can not go. */
  problems: Map<string, string[]>;
}

/** Which rows go when the rows of these findings go: what hangs from them goes along, is unlinked, or stands in the way. */
export function removalsOf({ tables, edges }: Findings, removed: readonly FoundTable[]): Removals {
  const deleted: Rows = new Map();
  const held = rowsOf(tables.map((table) => ({ table, records: table.held })));
  const problems = new Map<string, string[]>();
  for (const table of removed) {
    for (const { record } of table.rows) if (!has(held, nameOf(table), record)) add(deleted, nameOf(table), record);
  }
  for (let grew = removed.length > 0; grew; ) {
    grew = false;
    for (const edge of edges.filter(({ onDelete }) => onDelete === "cascade")) {
      for (const [, record] of hanging(edge, deleted)) {
        const child = nameOf(edge.child);
        if (has(held, child, record) || has(deleted, child, record)) continue;
        add(deleted, child, record);
        grew = true;
      }
    }
  }
  const unlinked: Removals["unlinked"] = [];
  for (const edge of edges) {
    const child = nameOf(edge.child);
    const rows = hanging(edge, deleted);
    const staying = rows.filter(([, record]) => !has(deleted, child, record)).map(([, record]) => record);
    const say = (problem: string) => {
      for (const table of removed.filter((one) => nameOf(one) === edge.parent))
        problems.set(table.key, [...(problems.get(table.key) ?? []), problem]);
    };
    if (rows.length > 0 && edge.more)
      say(`More rows of ${child} hang from it than were looked at: it can not be deleted here.`);
    if (staying.length === 0) continue;
    const locked = staying.filter((record) => has(held, child, record)).length;
    if (locked > 0) say(`${locked} rows of ${child} hang from it and are under a legal hold.`);
    else if (edge.onDelete === "set null" || edge.onDelete === "set default") continue;
    else if (edge.nullable) unlinked.push({ table: edge.child, columns: edge.columns, records: [...new Set(staying)] });
    else
      say(
        `${staying.length} rows of ${child} hang from it and can not stay without it: choose to delete them as well.`,
      );
  }
  return { deleted, unlinked, problems };
}

/** Children before their parents, so that no row is left pointing at one that is gone. */
export function inOrder(deleted: Rows, edges: readonly Edge[]): [table: string, records: string[]][] {
  const left = new Map([...deleted].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const order: [string, string[]][] = [];
  while (left.size > 0) {
    const free = [...left].find(
      ([name]) =>
        !edges.some(({ parent, child }) => parent === name && nameOf(child) !== name && left.has(nameOf(child))),
    );
    const [name, records] = free ?? [...left][0] ?? ["", new Set<string>()];
    order.push([name, [...records].toSorted()]);
    left.delete(name);
  }
  return order;
}

function hanging({ parent, pairs }: Edge, deleted: Rows): [string, string][] {
  return pairs.filter(([above]) => has(deleted, parent, above));
}

function rowsOf(parts: { table: FoundTable; records: readonly string[] }[]): Rows {
  const rows: Rows = new Map();
  for (const { table, records } of parts) for (const record of records) add(rows, nameOf(table), record);
  return rows;
}

export function has(rows: Rows, table: string, record: string): boolean {
  return rows.get(table)?.has(record) === true;
}

function add(rows: Rows, table: string, record: string): void {
  const known = rows.get(table) ?? new Set();
  known.add(record);
  rows.set(table, known);
}
