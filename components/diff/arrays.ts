import { create } from "jsondiffpatch";
import type { Effort } from "./effort.ts";
import { isExact, isObject } from "./json.ts";

/** What became of one item of a list. Removed items have the place they stood at, all others the place they stand at now. */
export interface ArrayChange {
  at: string;
  /** paired: the same item on both sides, whose inside may differ. */
  kind: "created" | "paired" | "deleted" | "moved";
  before: unknown;
  after: unknown;
}

/**
 * The changes between two lists, as few as there are: an item put in front is one new item, and not a change of all that follow.
 * Objects are the same one by their id; without ids by their place in lists of one length, else by all that they hold. Null where that
 * would take more effort than is left: it grows with the product of what the two lists hold between their equal ends.
 */
export function arrayChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  effort: Effort,
): ArrayChange[] | null {
  const byPlace = before.length === after.length;
  const stood = before.map((item, at) => new Item(tokenOf(item, byPlace ? at : null), { from: at }));
  const stands = after.map((item, at) => new Item(tokenOf(item, byPlace ? at : null), { to: at }));
  if (!effort.spend(product(stood, stands))) return null;
  const delta = differ.diff(stood, stands);
  if (!isObject(delta)) return [];
  return Object.entries(delta)
    .filter(([place]) => place !== "_t")
    .map(([place, one]) => changeOf(place, one, before, after))
    .sort((a, b) => Number.parseInt(a.at, 10) - Number.parseInt(b.at, 10) || (a.kind === "deleted" ? -1 : 1));
}

/**
 * An item stands for itself by what makes it the same one, so that what it holds is not compared here, without a limit, once more. Its
 * place has another name on either side: each pair then differs, and so tells who is whose.
 */
class Item {
  readonly token: string;
  readonly place: { from: number } | { to: number };

  constructor(token: string, place: { from: number } | { to: number }) {
    this.token = token;
    this.place = place;
  }
}

const differ = create({
  objectHash: (item) => (item instanceof Item ? item.token : undefined),
  arrays: { detectMove: true, includeValueOnMove: true },
  propertyFilter: () => true,
});

function tokenOf(item: unknown, at: number | null): string {
  if (!isObject(item) && !Array.isArray(item)) return JSON.stringify(item);
  return idOf(item) ?? (at === null ? JSON.stringify(item) : `at ${at}`);
}

function idOf(item: unknown): string | null {
  if (!isObject(item)) return null;
  const id = item.id ?? item.key ?? item.uuid;
  return typeof id === "string" || typeof id === "number" || isExact(id) ? `id ${String(id)}` : null;
}

function product(before: readonly Item[], after: readonly Item[]): number {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head]?.token === after[head]?.token) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail)?.token === after.at(-1 - tail)?.token) tail += 1;
  return (before.length - head - tail) * (after.length - head - tail);
}

/** The delta's form is jsondiffpatch's own: `_n` for what left place n of the list before, `n` for what is at place n now. */
function changeOf(place: string, delta: unknown, before: readonly unknown[], after: readonly unknown[]): ArrayChange {
  if (place.startsWith("_")) {
    const from = Number(place.slice(1));
    const [, to, kind] = Array.isArray(delta) ? delta : [];
    if (kind !== 3) return { at: `${from}`, kind: "deleted", before: before[from], after: undefined };
    return { at: `${from} → ${String(to)}`, kind: "moved", before: before[from], after: after[Number(to)] };
  }
  const at = Number(place);
  if (Array.isArray(delta)) return { at: place, kind: "created", before: undefined, after: after[at] };
  return { at: place, kind: "paired", before: before[formerPlace(delta)], after: after[at] };
}

function formerPlace(delta: unknown): number {
  const place = isObject(delta) && isObject(delta.place) ? delta.place.from : undefined;
  return Array.isArray(place) ? Number(place[0]) : Number.NaN;
}
