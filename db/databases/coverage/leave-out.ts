import { type Actor, authorise } from "../../actor.ts";
import type { LeaveOut } from "../../audit/coverage/contract.ts";
import { inControl } from "../../control.ts";
import { lockDatabase } from "../confirm.ts";
import { amendTable } from "./amend-table.ts";
import { namedColumns } from "./named-columns.ts";

/** Takes columns out of what counts as a change, in the model; the plan that follows from it shows what it will run. */
export async function leaveOutColumns(actor: Actor, { databaseId, columns }: LeaveOut): Promise<void> {
  authorise(actor, "databases.manage");
  const tables = await namedColumns(databaseId, columns);
  await inControl(actor, async (tx) => {
    await lockDatabase(tx, databaseId);
    for (const { table, columns: group } of tables) {
      await amendTable(tx, databaseId, table, { leaveOut: group.map(({ column }) => column) });
    }
  });
}
