import { sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import type { Classify } from "../../audit/coverage/contract.ts";
import { inControl } from "../../control.ts";
import { columnClasses } from "../../schema/fleet.ts";
import { lockDatabase } from "../confirm.ts";
import { amendTable } from "./amend-table.ts";
import { namedColumns } from "./named-columns.ts";

/**
 * Records what columns hold. A secret is masked in the model as well, and one that is none any more is not; the next plan makes the
 * triggers follow. What is said of a table holds for its copies in tenants' schemas. Returns how many columns are secrets.
 */
export async function classifyColumns(actor: Actor, { databaseId, columns }: Classify): Promise<{ secrets: number }> {
  authorise(actor, "databases.manage");
  const tables = await namedColumns(databaseId, columns);
  const setBy = actor.staffId ?? actor.name;
  await inControl(actor, async (tx) => {
    await lockDatabase(tx, databaseId);
    for (const { table, columns: group } of tables) {
      await tx
        .insert(columnClasses)
        .values(group.map((one) => ({ databaseId, ...one, setBy })))
        .onConflictDoUpdate({
          target: [columnClasses.databaseId, columnClasses.schema, columnClasses.table, columnClasses.column],
          set: { class: sql`excluded.class`, setBy, setAt: sql`now()` },
        });
      const secrets = group.filter((one) => one.class === "secret").map(({ column }) => column);
      const others = group.filter((one) => one.class !== "secret").map(({ column }) => column);
      await amendTable(tx, databaseId, table, { mask: secrets, unmask: others });
    }
  });
  return { secrets: columns.filter((one) => one.class === "secret").length };
}
