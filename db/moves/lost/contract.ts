import type { MovePlace, MoveTableView } from "../contract.ts";

/** What a place that was given up may hold, and who looks after it. */
export function leftThere(
  { tier, databaseName, serverName, schema }: Pick<MovePlace, "tier" | "databaseName" | "serverName" | "schema">,
  tables: readonly Pick<MoveTableView, "name" | "rows">[],
): string {
  const rows = tables.map(({ name, rows }) => `${name} ${rows}`).join(", ");
  const what = { shared: "in the shared tables", schema: `in the schema ${schema}`, database: "in its own database" }[
    tier
  ];
  return `What it had ${what} of ${databaseName} on ${serverName} stays there: at most ${rows} rows, with the move's triggers and gate. Leftovers finds it when that server answers again.`;
}
