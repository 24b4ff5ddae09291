import type { SealFinding } from "../../schema/proof.ts";
import type { Leaf } from "./comparison.ts";
import { type LostStretch, monthsOfId } from "./excused.ts";
import type { ReadMonths } from "./log-rows.ts";

export interface Circumstances extends ReadMonths {
  /** Whether the database's transactions went back. */
  wentBack: boolean;
  /** How many entries retention removed from each month. */
  removed: ReadonlyMap<string, number>;
  /** What restores of the database took away. */
  stretches: readonly LostStretch[];
}

/**
 * Says of the sealed entries that no row was found for why they are missing: a restore took them away, their month's file is damaged,
 * retention removed them, or somebody did. `leaves` is the size of the tree.
 */
export function nameAbsences(
  gone: readonly Leaf[],
  leaves: number,
  { wentBack, removed, damaged, fromFiles, stretches }: Circumstances,
): { expired: number; lost: number; findings: SealFinding[] } {
  const sorted = gone.toSorted((a, b) => a.index - b.index);
  const { lost, rest, tooManyLost } = takeLost(sorted, stretches, fromFiles);
  const excuse = (id: string) => monthsOfId(id).find((month) => damaged.has(month) || (removed.get(month) ?? 0) > 0);
  const byMonth = Map.groupBy(rest, ({ id }) => excuse(id) ?? "");
  const unexplained = byMonth.get("") ?? [];
  byMonth.delete("");
  const findings = [...damaged].map(([month, wrong]) => damagedFile(month, wrong, byMonth.get(month)?.[0]));
  let expired = 0;
  for (const [month, missing] of byMonth) {
    if (damaged.has(month)) continue;
    const due = removed.get(month) ?? 0;
    if (missing.length <= due) expired += missing.length;
    else findings.push(tooMany(month, missing, due));
  }
  return { expired, lost, findings: [...findings, ...tooManyLost, ...vanished(unexplained, leaves, wentBack)] };
}

/** A restore took away what lay in PostgreSQL, and no more than was counted then; a month's file was out of its reach. */
function takeLost(
  gone: readonly Leaf[],
  stretches: readonly LostStretch[],
  fromFiles: ReadonlySet<string>,
): { lost: number; rest: Leaf[]; tooManyLost: SealFinding[] } {
  const stretchOf = ({ index, id }: Leaf) =>
    monthsOfId(id).some((month) => fromFiles.has(month))
      ? undefined
      : stretches.find(({ fromLeaf, toLeaf }) => index >= fromLeaf && index < toLeaf);
  const byStretch = Map.groupBy(gone, stretchOf);
  const rest = byStretch.get(undefined) ?? [];
  byStretch.delete(undefined);
  let lost = 0;
  const tooManyLost: SealFinding[] = [];
  for (const [stretch, missing] of byStretch) {
    if (!stretch || missing.length <= stretch.lost) lost += missing.length;
    else tooManyLost.push(moreThanLost(missing, stretch));
  }
  return { lost, rest, tooManyLost };
}

function moreThanLost(missing: readonly Leaf[], { lost }: LostStretch): SealFinding {
  const entry = missing[0]?.id ?? null;
  const message = `${missing.length} sealed entries are gone, and a restore took ${lost} of them only; the first is ${entry}.`;
  return { kind: "vanished", entry, message };
}

function damagedFile(month: string, wrong: string, first: Leaf | undefined): SealFinding {
  const from = first ? ` Its entries, from ${first.id} on, can not be compared.` : "";
  return { kind: "damaged", entry: first?.id ?? null, message: `The archived month ${month}: ${wrong}${from}` };
}

function tooMany(month: string, missing: readonly Leaf[], due: number): SealFinding {
  const entry = missing[0]?.id ?? null;
  const message = `${missing.length} sealed entries of ${month} are gone, and retention removed ${due} of them only; the first is ${entry}.`;
  return { kind: "vanished", entry, message };
}

/** Entries missing up to the very end are a table put back to an earlier state; others were taken out one by one. */
function vanished(sorted: readonly Leaf[], leaves: number, wentBack: boolean): SealFinding[] {
  let tail = sorted.length;
  while (tail > 0 && sorted[tail - 1]?.index === leaves - (sorted.length - tail) - 1) tail -= 1;
  const rolledBack = sorted.slice(tail);
  const [first] = rolledBack;
  if (!first || (rolledBack.length < 2 && !wentBack)) return sorted.map(isGone);
  const message = `The log was put back to an earlier state: the last ${rolledBack.length} sealed entries are gone, from entry ${first.id} on.`;
  return [{ kind: "rolled-back", entry: first.id, message }, ...sorted.slice(0, tail).map(isGone)];
}

function isGone({ id, index }: Leaf): SealFinding {
  const message = `Entry ${id} was sealed as number ${index} and is not in the log any more.`;
  return { kind: "vanished", entry: id, message };
}
