import pg from "pg";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { planRestoreInput } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";

// node process.ts INPUT AT HOW: runs a restore from its input and strikes at its AT-th statement: "process" kills this process,
// "backend" the connection that the statement runs on. Without a strike it says how many statements there were.

const [input = "{}", at = "0", how = "process"] = process.argv.slice(2);
const strike = Number(at);
const actor = systemActor("faults");
const planned = await planRestore(actor, planRestoreInput.parse(JSON.parse(input)));

let statements = 0;
const query = pg.Client.prototype.query;
Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
  statements += 1;
  if (statements === strike) {
    if (how === "process") process.kill(process.pid, "SIGKILL");
    if (how === "backend") killBackend(this);
  }
  return Reflect.apply(query, this, given);
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
  const { restore } = await runRestore(actor, { plan: planned.hash, reason: "faults" });
  console.log(JSON.stringify({ statements, restore }));
} catch (error) {
  console.log(JSON.stringify({ statements, error: error instanceof Error ? error.message : String(error) }));
}
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
