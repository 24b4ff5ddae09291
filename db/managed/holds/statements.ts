import type { Statement } from "../statement.ts";
import { guardFingerprint, guardStatements, guardsOf, unguardStatements } from "./guard.ts";
import type { Hold, HoldableTable } from "./rule.ts";

/** What leads from the triggers that stand to those that the holds ask for, table by table. Nothing where both agree. */
export function holdUnits(
  holds: readonly Hold[],
  tables: readonly HoldableTable[],
  standing: ReadonlyMap<string, { schema: string; name: string; fingerprint: string }>,
  broken: ReadonlySet<string>,
): { name: string; statements: Statement[] }[] {
  const guards = guardsOf(holds, tables).map((guard) => ({
    ...guard,
    name: `${guard.table.schema}.${guard.table.name}`,
  }));
  const wanted = new Set(guards.map(({ name }) => name));
  return [
    ...guards
      .filter((guard) => standing.get(guard.name)?.fingerprint !== guardFingerprint(guard) || broken.has(guard.name))
      .map((guard) => ({ name: guard.name, statements: guardStatements(guard) })),
    ...[...standing]
      .filter(([name]) => !wanted.has(name))
      .map(([name, table]) => ({ name, statements: unguardStatements(table) })),
  ];
}
