import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { keysTable } from "../../managed/moving/table.ts";
import { drain } from "../copy/drain.ts";
import { keySet } from "../copy/keys.ts";
import { bringAllParents } from "../copy/parents.ts";
import type { Move } from "../move.ts";
import type { Pair } from "../pair.ts";
import type { PlannedTable } from "../plan/tables.ts";
import { type Difference, verifyTable } from "../verify/table.ts";
import type { Hands } from "./hands.ts";

/**
 * Compares all tables of the two places. A row that differs is noted, read again and compared once more; one that differs still
 * stops the move.
 */
export async function verifyTables(
  move: Move,
  { pace }: Hands,
  pair: Pair,
  wanted: () => Promise<boolean>,
  show: (done: number, total: number, line: string) => Promise<void>,
): Promise<boolean> {
  const { tables } = move.plan;
  await pace.begin();
  let done = 0;
  for (const table of tables) {
    await show(done, tables.length, `Comparing ${table.name}`);
    await bringAllParents(pair, table);
    let verified = await verifyTable(pair, table, table.estimatedRows, pace);
    if (verified.differences.length > 0) {
      await noteAgain(pair, table, verified.differences);
      await drain(pair);
      verified = await verifyTable(pair, table, table.estimatedRows, pace);
    }
    if (verified.differences.length > 0) throw differ(table, verified.differences);
    await controlPool().query(
      `UPDATE move_tables
          SET verified_rows = $3, checksum_source = $4, checksum_target = $5, verified_at = now()
        WHERE move_id = $1 AND ordinal = $2`,
      [move.id, table.ordinal, verified.rows, verified.checksumSource, verified.checksumTarget],
    );
    done += 1;
    if (!(await wanted())) return false;
  }
  return true;
}

async function noteAgain({ from }: Pair, table: PlannedTable, differences: Difference[]): Promise<void> {
  const set = keySet(
    table,
    differences.map(({ key }) => key),
  );
  await from.client.query(`INSERT INTO ${keysTable(from.standing, table.ordinal)} SELECT * FROM ${set}`);
}

function differ(table: PlannedTable, differences: Difference[]): Refusal {
  const named = differences.slice(0, 10).map(({ key, what }) => `${key.join(", ")} (${what})`);
  const more = differences.length > named.length ? " and more" : "";
  return new Refusal("conflict", `Rows of ${table.name} differ between the two places: ${named.join("; ")}${more}.`, {
    fix: "Find out what else writes to the new place, then verify again or abort the move.",
  });
}
