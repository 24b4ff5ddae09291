import type pg from "pg";
import type { CoveredTable } from "../../audit/coverage/contract.ts";
import { consoleChoice } from "../../managed/control.ts";
import { readTables } from "../../managed/read-tables.ts";
import { tableKey } from "../classify/table-key.ts";
import { readInstalled } from "../plan/installed.ts";

/** The console's own tables. What they hold is classified in its code, so no column waits for a decision. */
export async function consoleTables(client: pg.PoolClient): Promise<CoveredTable[]> {
  const installed = await readInstalled(client);
  return (await readTables(client, "public")).map((table) => {
    const { captured, masked, ignored } = consoleChoice(table.name);
    const fault = installed.faults.get(tableKey(table));
    const columns = { schema: table.schema, name: table.name, masked, ignored, unclassified: [] };
    if (!captured)
      return { ...columns, state: "left_out", why: "It holds measurements or working notes, no act of anybody." };
    if (fault) return { ...columns, state: "off", why: fault };
    if (installed.captures.has(tableKey(table)))
      return { ...columns, state: "recorded", why: "Every write is recorded." };
    return { ...columns, state: "missing", why: "The console captures it when it starts again." };
  });
}
