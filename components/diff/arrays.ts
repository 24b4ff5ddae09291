import { create } from "jsondiffpatch";
import { isObject } from "./json.ts";

/** What became of one item of a list. Removed items have the place they stood at, all others the place they stand at now. */
export interface ArrayChange {
  at: string;
  kind: "created" | "changed" | "deleted" | "moved";
  before: unknown;
  after: unknown;
}

/**
 * The changes between two lists, as few as there are: an item put in front is one new item, and not a change of all that follow.
 * Objects are the same one by their id; without ids by their place in lists of one length, else by all that they hold.
 */
export function arrayChanges(before: readonly unknown[], after: readonly unknown[]): ArrayChange[] {
  const byPlace = before.length === after.length;
  const differ = create({
    objectHash: (item, at) => idOf(item) ?? (byPlace ? `at ${at}` : JSON.stringify(item)),
    arrays: { detectMove: true, includeValueOnMove: true },
    propertyFilter: () => true,
  });
  const delta = differ.diff([...before], [...after]);
  if (!isObject(delta)) return [];
  return Object.entries(delta)
    .filter(([place]) => place !== "_t")
    .flatMap(([place, one]) => changeOf(place, one, before, after))
    .sort((a, b) => Number.parseInt(a.at, 10) - Number.parseInt(b.at, 10) || (a.kind === "deleted" ? -1 : 1));
}

/** The delta's form is jsondiffpatch's own: `_n` for what left place n of the list before, `n` for what is at place n now. */
function changeOf(place: string, delta: unknown, before: readonly unknown[], after: readonly unknown[]): ArrayChange[] {
  if (place.startsWith("_")) {
    const from = Number(place.slice(1));
    const [value, to, kind] = Array.isArray(delta) ? delta : [];
    if (kind !== 3) return [{ at: `${from}`, kind: "deleted", before: before[from], after: undefined }];
    return [{ at: `${from} → ${String(to)}`, kind: "moved", before: value, after: after[Number(to)] }];
  }
  const at = Number(place);
  if (Array.isArray(delta) && delta.length === 1) {
    return [{ at: place, kind: "created", before: undefined, after: after[at] }];
  }
  return [{ at: place, kind: "changed", before: formerOf(after[at], at, before), after: after[at] }];
}

/** What an item that changed inside was before: the one with its id, else the one at its place. */
function formerOf(item: unknown, at: number, before: readonly unknown[]): unknown {
  const id = idOf(item);
  return (id === null ? undefined : before.find((one) => idOf(one) === id)) ?? before[at];
}

function idOf(item: unknown): string | null {
  if (!isObject(item)) return null;
  const id = item.id ?? item.key ?? item.uuid;
  return typeof id === "string" || typeof id === "number" ? `id ${id}` : null;
}
