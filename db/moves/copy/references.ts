import { identifier, relation } from "../../managed/statement.ts";
import { inBoth, type Pair } from "../pair.ts";
import type { ReferenceTable } from "../plan/references.ts";
import { carryInto, type Receiving } from "./rows.ts";

/** Brings the shared tables that went along to what they are where the tenant is; they are small, and go whole when they differ. */
export async function copyReferences(pair: Pair, tables: readonly ReferenceTable[]): Promise<void> {
  for (const table of tables) {
    await inBoth(pair, async () => {
      const [source, target] = [await hash(pair.from.client, table), await hash(pair.to.client, table)];
      if (source === target) return;
      await pair.to.client.query(emptySql(table));
      await carryInto(pair, ...wholeOf(table));
    });
  }
}

export function emptySql({ schema, name }: ReferenceTable): string {
  return `DELETE FROM ${relation(schema, name)}`;
}

/** The table at the new place, and all its rows at the old one. */
export function wholeOf({ schema, name, columns, binary }: ReferenceTable): [Receiving, string] {
  const table = relation(schema, name);
  return [{ name: table, columns, binary }, `FROM ${table} AS t`];
}

async function hash(client: Pair["from"]["client"], { schema, name, columns }: ReferenceTable): Promise<string> {
  const row = `ROW(${columns.map((column) => `t.${identifier(column)}`).join(", ")})::text`;
  const { rows } = await client.query<{ hash: string }>(
    `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(${row} COLLATE "C", 0)), 0) AS hash FROM ${relation(schema, name)} AS t`,
  );
  return rows[0]?.hash ?? "";
}
