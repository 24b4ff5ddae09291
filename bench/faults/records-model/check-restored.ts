import type { RestorePlan } from "#db/records/restore/contract.ts";
import { differenceOf, violated } from "./compare.ts";
import type { Planned } from "./expect.ts";
import { type Laid, pointsTo, type Row, unmarked } from "./layout.ts";
import type { State, World } from "./world.ts";

/** What a plan says of one row: a problem, and what was chosen for it. */
type Said = Pick<RestorePlan["problems"][number], "table" | "columns"> &
  Pick<RestorePlan["problems"][number]["examples"][number], "record" | "about" | "choice">;

/** How a row may stand; the columns are those that a choice was about. */
interface Candidate {
  row: Row;
  but: string[];
}

/** After the run: exactly what was planned is there, as it was but for what was chosen, and nothing else has changed. */
export function checkRestored(
  world: World,
  settled: RestorePlan,
  expected: readonly Planned[],
  before: State,
  now: State,
): void {
  const said: Said[] = settled.problems.flatMap(({ table, columns, examples }) =>
    examples.map(({ record, about, choice }) => ({ table, columns, record, about, choice })),
  );
  const open = expected.filter((row) => row.open);
  for (const table of world.tables) {
    const keys = new Set([...(before[table.at]?.keys() ?? []), ...(now[table.at]?.keys() ?? [])]);
    for (const key of keys) {
      const [was, is] = [before[table.at]?.get(key), now[table.at]?.get(key)];
      if (!is) violated(`${table.name} ${key} went with a restore`);
      const row = open.find((one) => one.table === table.at && one.key === key);
      const may = was ? standing(table, key, was, row, said) : brought(world, table, key, row, said);
      const wrong = may.map((one) => differenceOf(is, one.row, one.but));
      if (!wrong.includes(null)) violated(`${table.name} ${key} ${wrong[0] ?? "came from nowhere"}`);
    }
  }
  for (const row of open) checkLeft(world, row, said, before, now);
}

/** A row that stood before may have been planned, have given way, or have come back as a parent; else it is as it was. */
function standing(table: Laid, key: string, was: Row, row: Planned | undefined, said: readonly Said[]): Candidate[] {
  const may: Candidate[] = [{ row: was, but: [] }];
  if (row?.act === "update") may.unshift({ row: row.result, but: columnsChosen(table, key, said) });
  if (said.some(({ choice, about }) => choice?.do === "swap" && isAbout(about, table, key))) {
    may.push({ row: was, but: ["code", ...(table.markColumn === null ? [] : [table.markColumn])] });
  }
  if (isIncluded(table, key, said)) may.push({ row: unmarked(table, was), but: columnsChosen(table, key, said) });
  return may;
}

function brought(world: World, table: Laid, key: string, row: Planned | undefined, said: readonly Said[]): Candidate[] {
  const but = columnsChosen(table, key, said);
  if (row?.act === "insert") return [{ row: row.result, but }];
  const removal = isIncluded(table, key, said) ? world.removalOf(table.at, key) : undefined;
  return removal ? [{ row: unmarked(table, removal.image), but }] : [];
}

function isIncluded(table: Laid, key: string, said: readonly Said[]): boolean {
  return said.some(({ choice, about }) => choice?.do === "include" && isAbout(about, table, key));
}

function isAbout(about: Said["about"], { name }: Laid, key: string): boolean {
  return about?.table === name && about.record === key;
}

/** Columns that a choice may have changed. */
function columnsChosen({ name }: Laid, key: string, said: readonly Said[]): string[] {
  const own = said.filter(({ table, record, choice }) => table === name && record === key && choice !== null);
  return own.flatMap(({ columns }) => columns);
}

/** A row that is left deleted is so because of a choice, or because it hangs from one that is. */
function checkLeft(world: World, row: Planned, said: readonly Said[], before: State, now: State): void {
  const table = world.tables[row.table];
  const [was, is] = [before[row.table]?.get(row.key), now[row.table]?.get(row.key)];
  const left = row.act === "insert" ? !is : row.columns.every((name) => is?.[name] === was?.[name]);
  if (!table || !left) return;
  const own = said.filter(({ table: name, record }) => name === table.name && record === row.key);
  if (own.some(({ choice }) => choice?.do === "skip" || (row.act === "update" && choice?.do === "null"))) return;
  const alone = table.foreign.some((foreign) => {
    const parent = pointsTo(foreign, row.result);
    return parent !== null && !now[foreign.to]?.has(parent);
  });
  if (!alone) violated(`${table.name} ${row.key} is left deleted for no reason`);
}
