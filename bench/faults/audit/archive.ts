import { fillMonth } from "#db/audit/archive/testing/month.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { enqueue } from "#db/jobs/enqueue.ts";
import { systemActor } from "#db/mint.ts";
import { type Subject, tapped, tappedDatabase } from "./adopt.ts";
import { hotEntries, isAttached, look } from "./archive-month.ts";
import { killJobs } from "./kill-jobs.ts";
import type { Scenario } from "./scenario.ts";
import { patiently } from "./watch.ts";
import { Workers } from "./workers.ts";

const month = "2026-01";
const entries = 300;
const actor = systemActor("faults");

/** A month that goes into the archive and comes back, killed at every step; each entry must be in exactly one place. */
export const scenario: Scenario = {
  name: "archive",
  async run(ground, points) {
    const app = await tappedDatabase(ground.tap, "CREATE TABLE orders (id integer PRIMARY KEY)");
    await fillMonth(app, month, entries);
    await seal(app);
    const expected = new Set(await hotEntries(app, month));
    if (expected.size !== entries) throw new Error(`There are ${expected.size} entries to begin with, not ${entries}.`);
    const workers = await Workers.start(tapped(ground.tap), ["jobs", "archive"]);
    try {
      return await killJobs(
        ground,
        {
          due: async () => ((await isAttached(app, month)) ? "audit.archive" : "audit.return"),
          begin: (kind) => patiently(() => enqueue(actor, { kind, title: kind, input: { databaseId: app.id, month } })),
          look: () => patiently(() => look(actor, app, month, expected, false)),
          lookAtEnd: () => patiently(() => look(actor, app, month, expected, true)),
        },
        workers,
        points,
      );
    } finally {
      await workers.end();
      await app.end();
    }
  },
};

/** The month's entries were sealed long ago: the transactions that they claim are over. */
async function seal(app: Subject): Promise<void> {
  await app.query("BEGIN; SELECT pg_current_xact_id(); COMMIT;".repeat(1_200));
  await sealLog(actor, app.id, { seconds: 0 });
}
