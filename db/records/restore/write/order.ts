/** Which tables must be written before which others: a pair says that rows of `child` need rows of `parent`. */
export interface Need {
  child: number;
  parent: number;
}

/**
 * Tables in an order in which parents come first. Tables whose rows need each other in a circle stand together: Tarjan's strongly
 * connected components, which come out parents first. One that needs rows of its own stands alone.
 */
export function inOrder(tables: readonly number[], needs: readonly Need[]): number[][] {
  const parents = new Map(
    tables.map((tab) => [tab, needs.filter(({ child }) => child === tab).map(({ parent }) => parent)]),
  );
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const groups: number[][] = [];

  function visit(tab: number): void {
    index.set(tab, index.size);
    low.set(tab, index.get(tab) ?? 0);
    stack.push(tab);
    for (const parent of parents.get(tab) ?? []) {
      if (!index.has(parent)) visit(parent);
      else if (!stack.includes(parent)) continue;
      low.set(tab, Math.min(low.get(tab) ?? 0, low.get(parent) ?? 0));
    }
    if (low.get(tab) !== index.get(tab)) return;
    groups.push(stack.splice(stack.indexOf(tab)).toSorted((a, b) => a - b));
  }

  for (const tab of tables) if (!index.has(tab)) visit(tab);
  return groups;
}
