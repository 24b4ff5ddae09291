import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { placeHoldSchema } from "#db/records/holds/contract.ts";
import { placeHold } from "#db/records/holds/place.ts";
import { run } from "#db/records/retention/testing/purging.ts";
import { strikeAt } from "../strike.ts";

// node process.ts WHAT INPUT AT HOW: purges, or places a hold, and strikes at its AT-th statement: "process" kills this process,
// "backend" the connection that the statement runs on. Without a strike it says how many statements there were.

const [what = "purge", input = "{}", at = "0", how = "process"] = process.argv.slice(2);
const given: { database: string; id: string; record?: string } = JSON.parse(input);
const actor = systemActor("faults");

const statements = strikeAt(Number(at), how);

try {
  if (what === "purge") await run(actor, given.database, { id: given.id, rows: 3 });
  else {
    const hold = {
      name: given.id,
      kind: "record",
      databaseId: given.database,
      table: "public.parents",
      record: given.record,
    };
    await placeHold(actor, placeHoldSchema.parse({ ...hold, reason: "faults" }));
  }
  console.log(JSON.stringify({ statements: statements() }));
} catch (error) {
  console.log(
    JSON.stringify({ statements: statements(), error: error instanceof Error ? error.message : String(error) }),
  );
}
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
