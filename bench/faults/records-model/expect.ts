import { isMarked, type Laid, pointsTo, type Row, unmarked } from "./layout.ts";
import type { Happened, World } from "./world.ts";

/** A row that a restore should be about, and what should become of it. */
export interface Planned {
  table: number;
  key: string;
  act: "insert" | "update";
  origin: "asked" | "child" | "link";
  deletion: number;
  open: boolean;
  /** How it should stand afterwards. */
  result: Row;
  /** The columns that are written. */
  columns: string[];
}

export interface Asked {
  /** Of the whole deletion, or from these of its rows. */
  events: Happened[];
  whole: boolean;
  children: boolean;
  links: boolean;
}

/** The rows of a restore, by the plain model: what went in the same transaction and hangs from what is asked for. */
export function plannedRows(world: World, { events, whole, children, links }: Asked): Planned[] {
  const planned = new Map<string, Planned>();
  const id = (table: number, key: string) => `${table} ${key}`;
  for (const event of whole ? newest(events) : events) {
    const row = toPlanned(world, event, "asked");
    if (row && !planned.has(id(row.table, row.key))) planned.set(id(row.table, row.key), row);
  }
  if (!whole && children) {
    const deletions = new Set([...planned.values()].map(({ deletion }) => deletion));
    const read = [...deletions].flatMap((at) => world.deletions[at]?.happened ?? []);
    const candidates = newest(read);
    for (let found = true; found; ) {
      found = false;
      for (const event of candidates) {
        if (planned.has(id(event.table, event.key)) || !hangs(world, event, [...planned.values()])) continue;
        const row = toPlanned(world, event, "child");
        if (row) planned.set(id(row.table, row.key), row);
        found ||= row !== null;
      }
    }
  }
  if (links) for (const row of linked(world, [...planned.values()])) merge(planned, id(row.table, row.key), row);
  return [...planned.values()];
}

/** Of each row the newest of its removals and marks. */
function newest(events: readonly Happened[]): Happened[] {
  const deleted = events.filter(({ what }) => what !== "cleared");
  return deleted.filter(
    ({ table, key, at }) => !deleted.some((other) => other.table === table && other.key === key && other.at > at),
  );
}

function toPlanned(world: World, event: Happened, origin: "asked" | "child"): Planned | null {
  const table = world.tables[event.table];
  if (!table) return null;
  const standing = world.state[event.table]?.get(event.key);
  const { table: at, key } = event;
  if (event.what === "marked" && standing) {
    const columns = table.markColumn === null ? [] : [table.markColumn];
    const open = isMarked(table, standing);
    return {
      table: at,
      key,
      act: "update",
      origin,
      deletion: event.deletion,
      open,
      result: unmarked(table, standing),
      columns,
    };
  }
  const removal = event.what === "removed" ? event : world.removalOf(at, key);
  if (!removal) return null;
  const { deletion, image } = removal;
  const columns = Object.keys(image);
  return { table: at, key, act: "insert", origin, deletion, open: !standing, result: unmarked(table, image), columns };
}

function hangs(world: World, event: Happened, planned: readonly Planned[]): boolean {
  return (world.tables[event.table]?.foreign ?? []).some((foreign) => {
    const parent = pointsTo(foreign, event.image);
    return planned.some((row) => row.table === foreign.to && row.key === parent && row.deletion === event.deletion);
  });
}

/** Rows that stand, and pointed to a planned one until its deletion took the pointer. */
function linked(world: World, planned: readonly Planned[]): Planned[] {
  const found: Planned[] = [];
  for (const parent of planned) {
    const cleared = (world.deletions[parent.deletion]?.happened ?? []).filter(({ what }) => what === "cleared");
    for (const event of cleared) {
      const foreign = world.tables[event.table]?.foreign[event.pointer?.foreign ?? -1];
      const standing = world.state[event.table]?.get(event.key);
      if (!foreign || !event.pointer || !standing) continue;
      if (foreign.to !== parent.table || pointsTo(foreign, event.image) !== parent.key) continue;
      if ((world.removalOf(event.table, event.key)?.at ?? 0) > event.at) continue;
      const first = cleared.find(
        (other) =>
          other.table === event.table &&
          other.key === event.key &&
          other.pointer?.foreign === event.pointer?.foreign &&
          pointsTo(foreign, other.image) === parent.key,
      );
      if (first !== event) continue;
      const { was, became } = event.pointer;
      const open = Object.entries(became).every(([name, value]) => standing[name] === value);
      const result = open ? { ...standing, ...was } : standing;
      const columns = open ? Object.keys(was) : [];
      found.push({
        table: event.table,
        key: event.key,
        act: "update",
        origin: "link",
        deletion: parent.deletion,
        open,
        result,
        columns,
      });
    }
  }
  return found;
}

/** A row that is planned already takes its pointers as well. */
function merge(planned: Map<string, Planned>, id: string, link: Planned): void {
  const present = planned.get(id);
  if (present === undefined) planned.set(id, link);
  else if (present.act === "update" && link.open) {
    const columns = [...present.columns, ...link.columns];
    const taken = Object.fromEntries(link.columns.map((name) => [name, link.result[name] ?? null]));
    planned.set(id, { ...present, open: true, columns, result: { ...present.result, ...taken } });
  }
}

/** What stands in the way before anything is chosen. */
export interface Expected {
  /** `code table key subject`. */
  problems: string[];
  /** Rows of the plan that want one value: all but one of each group clash. */
  groups: string[][];
}

export function expectProblems(world: World, planned: readonly Planned[]): Expected {
  const problems: string[] = [];
  const groups = new Map<string, string[]>();
  for (const row of planned) {
    const table = world.tables[row.table];
    if (!table) continue;
    if (!row.open) {
      problems.push(`${row.origin === "link" ? "points_elsewhere" : "already_live"} ${table.name} ${row.key} row`);
      continue;
    }
    problems.push(...parentProblems(world, planned, table, row));
    if (!inIndex(table, row.result)) continue;
    const clash = `unique_clash ${table.name} ${row.key} code_${table.at}`;
    const holder = [...(world.state[table.at] ?? [])].some(
      ([key, other]) =>
        other.code === row.result.code &&
        inIndex(table, other) &&
        !planned.some((one) => one.table === table.at && one.key === key && one.act === "update" && one.open),
    );
    if (holder) problems.push(clash);
    const value = `${table.at} ${row.result.code}`;
    groups.set(value, [...(groups.get(value) ?? []), clash]);
  }
  return {
    problems: problems.toSorted(),
    groups: [...groups.values()].filter((group) => group.length > 1 && !group.some((one) => problems.includes(one))),
  };
}

function inIndex(table: Laid, row: Row): boolean {
  return table.unique !== null && row.code !== null && !(table.unique === "live" && isMarked(table, row));
}

function parentProblems(world: World, planned: readonly Planned[], table: Laid, row: Planned): string[] {
  const looksAt = (columns: readonly string[]) =>
    row.act === "insert" || [...columns, table.markColumn ?? ""].some((name) => row.columns.includes(name));
  return table.foreign.flatMap((foreign) => {
    const wanted = looksAt(foreign.columns) ? pointsTo(foreign, row.result) : null;
    if (wanted === null) return [];
    const parent = world.state[foreign.to]?.get(wanted);
    const aim = world.tables[foreign.to];
    if (planned.some((one) => one.table === foreign.to && one.key === wanted && one.open)) return [];
    if (parent && aim && !isMarked(aim, parent)) return [];
    const code = parent || world.removalOf(foreign.to, wanted) ? "parent_deleted" : "parent_missing";
    return [`${code} ${table.name} ${row.key} ${foreign.name}`];
  });
}
