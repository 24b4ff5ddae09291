import type { ForeignKey } from "../../../managed/foreign-keys.ts";
import { holdOf } from "../../../managed/holds/refuse.ts";
import type { Hold, HoldableTable } from "../../../managed/holds/rule.ts";
import { quote } from "../../../managed/row-key.ts";
import { relation } from "../../../managed/statement.ts";
import { dueSql, type PurgeTable } from "./due.ts";

/** From a row that goes, downwards: each key leads from the table before it to its child. */
type Path = readonly ForeignKey[];

/** Rows that have no mark of their own, and hang from the row by a foreign key that cascades: they go with it. */
export interface Along {
  path: Path;
  table: HoldableTable;
}

/** Rows that keep the row where it is as long as they are there. */
interface Blocker {
  path: Path;
  /** Set where such a row can be due itself, and then goes before. */
  marking: PurgeTable | null;
}

/** What hangs from the rows of a table. A purge changes nothing but what it removes: whatever else points at a row keeps it. */
export interface Reach {
  along: Along[];
  blockers: Blocker[];
}

export interface Surroundings {
  /** The foreign keys of the whole database that lead to a table of the model. */
  keys: readonly ForeignKey[];
  tables: readonly HoldableTable[];
  purged: readonly PurgeTable[];
}

export function reachOf(root: PurgeTable, around: Surroundings): Reach {
  const reach: Reach = { along: [], blockers: [] };
  follow(root, [], reach, around);
  return reach;
}

function follow(from: { schema: string; name: string }, path: Path, reach: Reach, around: Surroundings): void {
  for (const key of around.keys) {
    if (key.parent.schema !== from.schema || key.parent.table !== from.name) continue;
    const next = [...path, key];
    const child = around.tables.find(({ schema, name }) => schema === key.schema && name === key.table);
    const circles = next.some((one) => one.parent.schema === key.schema && one.parent.table === key.table);
    if (!child || child.marks || key.onDelete !== "cascade" || circles) {
      const marking = around.purged.find(({ schema, name }) => schema === key.schema && name === key.table) ?? null;
      reach.blockers.push({ path: next, marking });
    } else {
      reach.along.push({ path: next, table: child });
      follow(child, next, reach, around);
    }
  }
}

/** SQL: whether something keeps the row `alias` where it is. `forecast` leaves out rows that are due themselves and would go before. */
export function blockedSql(
  { along, blockers }: Reach,
  holds: readonly Hold[],
  alias: string,
  forecast = false,
): string {
  const parts = [
    ...blockers.map(({ path, marking }) => {
      const last = `c${path.length}`;
      const itself = isSelf(path) ? `(${last}.tableoid, ${last}.ctid) <> (${alias}.tableoid, ${alias}.ctid)` : "true";
      const stays =
        forecast && marking
          ? `NOT coalesce(${dueSql(marking, last)} AND ${holdOf(holds, marking, last)} IS NULL, false)`
          : "true";
      return `EXISTS (SELECT ${fromPath(path, alias)} AND ${itself} AND ${stays})`;
    }),
    ...along.flatMap(({ path, table }) => {
      const held = holdOf(holds, table, `c${path.length}`);
      return held === "NULL::text" ? [] : [`EXISTS (SELECT ${fromPath(path, alias)} AND ${held} IS NOT NULL)`];
    }),
  ];
  return parts.length === 0 ? "false" : `(${parts.join("\n      OR ")})`;
}

/** SQL: the rows at a path's end, as c1, c2 … down from the row `alias`. */
function fromPath(path: Path, alias: string): string {
  const tables = path.map((key, at) => `${relation(key.schema, key.table)} AS c${at + 1}`);
  return `FROM ${tables.join(", ")} WHERE ${joinsOf(path, alias)}`;
}

export function joinsOf(path: Path, alias: string): string {
  return path
    .flatMap(({ columns, parentColumns }, at) =>
      columns.map((column, k) => {
        const parent = at === 0 ? alias : `c${at}`;
        return `c${at + 1}.${quote(column)} = ${parent}.${quote(parentColumns[k] ?? column)}`;
      }),
    )
    .join(" AND ");
}

function isSelf(path: Path): boolean {
  const [key] = path;
  return path.length === 1 && key?.schema === key?.parent.schema && key?.table === key?.parent.table;
}

/** Children before their parents, so that a row that is due does not wait for one that hangs from it. */
export function childrenFirst(tables: readonly PurgeTable[], keys: readonly ForeignKey[]): PurgeTable[] {
  const done: PurgeTable[] = [];
  const open = new Set(tables);
  const visit = (table: PurgeTable) => {
    if (!open.delete(table)) return;
    for (const key of keys) {
      if (key.parent.schema !== table.schema || key.parent.table !== table.name) continue;
      const child = tables.find(({ schema, name }) => schema === key.schema && name === key.table);
      if (child) visit(child);
    }
    done.push(table);
  };
  for (const table of tables) visit(table);
  return done;
}
