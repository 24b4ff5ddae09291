import pg from "pg";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { placeHoldSchema } from "#db/records/holds/contract.ts";
import { placeHold } from "#db/records/holds/place.ts";
import { run } from "#db/records/retention/testing/purging.ts";

// node process.ts WHAT INPUT AT HOW: purges, or places a hold, and strikes at its AT-th statement: "process" kills this process,
// "backend" the connection that the statement runs on. Without a strike it says how many statements there were.

const [what = "purge", input = "{}", at = "0", how = "process"] = process.argv.slice(2);
const strike = Number(at);
const given: { database: string; id: string; record?: string } = JSON.parse(input);
const actor = systemActor("faults");

let statements = 0;
const query = pg.Client.prototype.query;
Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...args: unknown[]): unknown {
  statements += 1;
  if (statements === strike) {
    if (how === "process") process.kill(process.pid, "SIGKILL");
    if (how === "backend") killBackend(this);
  }
  return Reflect.apply(query, this, args);
});

/** With SIGKILL where this account may, as the kernel would; the server then recovers. Else by cutting the connection. */
function killBackend(client: pg.Client): void {
  const pid: unknown = Reflect.get(client, "processID");
  try {
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  } catch {
    // Another account's process: the connection is cut instead.
    (Reflect.get(Reflect.get(client, "connection") as object, "stream") as { destroy(): void }).destroy();
  }
}

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
  console.log(JSON.stringify({ statements }));
} catch (error) {
  console.log(JSON.stringify({ statements, error: error instanceof Error ? error.message : String(error) }));
}
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
