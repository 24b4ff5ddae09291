import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fillMonth } from "#db/audit/archive/testing/month.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { enqueue } from "#db/jobs/enqueue.ts";
import { systemActor } from "#db/mint.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Tally } from "../audit/scenario.ts";
import { random } from "../random.ts";
import { entriesBefore, isAttached, look, patiently } from "./look.ts";
import { killBackend, killWorker, overdue, settled, startWorker } from "./processes.ts";

// node run.ts POINTS SEED: moves one month out and back until it was interrupted so often, looking after each kill and after
// each end whether every entry is in exactly one place. The last line printed is the tally.

const [points = 10, seed = 1] = process.argv.slice(2).map(Number);
const month = "2026-01";
const rows = 3_000;
const actor = systemActor("faults");

process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-archive-faults-"));
await freshControl();
const app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
await fillMonth(app.client, month, rows);
await app.client.end();
const expected = await entriesBefore(app.id, month);
if (expected.size !== rows) throw new Error(`There are ${expected.size} entries to begin with and not ${rows}.`);

const tally: Tally = { points: 0, lost: 0, duplicate: 0, falseWhole: 0 };
const next = random(seed);
let usualMs = 1_500;
let worker = await startWorker();
while (tally.points < points) {
  const kind = (await isAttached(app.id, month)) ? "audit.archive" : "audit.return";
  const began = performance.now();
  const id = await patiently(() => enqueue(actor, { kind, title: kind, input: { databaseId: app.id, month } }));
  await pause(next() * usualMs);
  // Every third kill is the database's: the crash of one backend makes PostgreSQL recover as a whole.
  if (tally.points % 3 === 2) await killBackend(app.url, next);
  else {
    await killWorker(worker);
    await count();
    await overdue(id);
    worker = await startWorker();
  }
  tally.points += 1;
  await count();
  await count(await settled(id));
  usualMs = 0.7 * usualMs + 0.3 * Math.min(5_000, performance.now() - began);
}
await killWorker(worker);
await closeFleet();
await closeControl();
await rm(process.env.CARETAKER_DATA, { recursive: true, force: true });
console.log(JSON.stringify(tally));

async function count(over = false): Promise<void> {
  const found = await patiently(() => look(actor, app.id, month, expected, over));
  tally.lost += found.lost;
  tally.duplicate += found.duplicate;
  tally.falseWhole += found.falseWhole;
}
