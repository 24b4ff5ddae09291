import type { ForeignKey } from "../managed/foreign-keys.ts";
import type { AuditEntry } from "./contract.ts";
import { parentRecord, type RowImage, recordAddress } from "./names-as-of-keys.ts";

/** An entry of a story with what it took along below it. */
export interface StoryNode {
  entry: AuditEntry;
  /** What the row is called; null where it has no name, or a masked one. */
  label: string | null;
  /** The columns through which it hangs on the one above; empty at the top. */
  via: string[];
  children: StoryNode[];
}

export interface StoryLeaf {
  entry: AuditEntry;
  label: string | null;
  image: RowImage | null;
}

/**
 * The rows of one transaction as a tree along their foreign keys: a deleted order has its deleted payments below it. A row hangs on
 * one parent only, and on the one that comes first; a circle of rows stands flat.
 */
export function storyTree(leaves: readonly StoryLeaf[], keys: readonly ForeignKey[]): StoryNode[] {
  const nodes = leaves.map(({ entry, label }): StoryNode => ({ entry, label, via: [], children: [] }));
  const places = new Map<string, number>();
  for (const [at, { entry }] of leaves.entries()) {
    const { schema, table, record } = entry;
    if (schema === null || table === null || record === null) continue;
    const address = addressIn(entry.action, schema, table, record);
    if (!places.has(address)) places.set(address, at);
  }
  const parents = leaves.map((leaf, at) => parentOf(leaf, at, keys, places));
  const roots: StoryNode[] = [];
  for (const [at, node] of nodes.entries()) {
    const parent = parents[at];
    const above = parent && !leadsBack(at, parents) ? nodes[parent.place] : undefined;
    if (above === undefined || parent === undefined) roots.push(node);
    else above.children.push({ ...node, via: parent.via, children: node.children });
  }
  return roots;
}

interface ParentPlace {
  place: number;
  via: string[];
}

function parentOf(
  { entry, image }: StoryLeaf,
  at: number,
  keys: readonly ForeignKey[],
  places: ReadonlyMap<string, number>,
): ParentPlace | undefined {
  if (image === null) return undefined;
  for (const key of keys) {
    if (key.schema !== entry.schema || key.table !== entry.table) continue;
    const record = parentRecord(key, image);
    if (record === null) continue;
    const place = places.get(addressIn(entry.action, key.parent.schema, key.parent.table, record));
    if (place !== undefined && place !== at) return { place, via: key.columns };
  }
  return undefined;
}

/** Only rows to which the same was done hang together. */
function addressIn(action: string, schema: string, table: string, record: string): string {
  return `${action} ${recordAddress({ schema, table }, record)}`;
}

function leadsBack(from: number, parents: readonly (ParentPlace | undefined)[]): boolean {
  const seen = new Set([from]);
  for (let above = parents[from]; above !== undefined; above = parents[above.place]) {
    if (seen.has(above.place)) return above.place === from;
    seen.add(above.place);
  }
  return false;
}
