import Link from "next/link";
import { bytes, count, counted } from "#components/numbers/format.ts";
import { When } from "#components/time/when.tsx";
import type { MoveCompletion } from "#db/moves/contract.ts";
import { placeWords } from "../../tenants/moves/words.ts";

/** What a second person must know of a move that is to be completed: whose rows go, from where, how many, and since when nobody uses them. */
export function CompletionPlan({ completion }: { completion: MoveCompletion }) {
  const { moveId, tenantName, from, to, movedAt, tables, state } = completion;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const size = tables.reduce((sum, table) => sum + table.bytes, 0);
  return (
    <div className="grid gap-1">
      <p>
        {state === "completed" ? "Removed" : "Removes"} for good what {tenantName} left in {placeWords(from)}: about{" "}
        {counted(rows, "row")}, {bytes(size)}, of {counted(tables.length, "table")} (
        {tables.map((table) => `${table.name} ${count(table.rows)}`).join(", ")}).
      </p>
      <p>
        {tenantName} has lived in {placeWords(to)} since <When at={movedAt} absolute />, and nobody has written to the
        old place since. The move cannot be reversed afterwards.{" "}
        <Link href={`/tenants/moves/${moveId}`}>Look at the move</Link>
      </p>
    </div>
  );
}
