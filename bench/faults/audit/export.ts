import { exportRequest } from "#db/audit/export/contract.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { systemActor } from "#db/mint.ts";
import { type Subject, tapped, tappedDatabase } from "./adopt.ts";
import { auditOf, isReady, lookAtFile, lookAtReady } from "./export-files.ts";
import { killJobs } from "./kill-jobs.ts";
import { add, type Found, nothing, type Scenario } from "./scenario.ts";
import { Workers } from "./workers.ts";

const formats = ["ndjson", "csv", "parquet"] as const;
const months = 4;
const entriesEach = 150;
const actor = systemActor("faults");

/** Exports of every way of writing a file, killed at every step; entries go on coming meanwhile. */
export const scenario: Scenario = {
  name: "export",
  async run(ground, points) {
    const app = await tappedDatabase(ground.tap, "CREATE TABLE notes (id int PRIMARY KEY)");
    await fill(app);
    const workers = await Workers.start(tapped(ground.tap), ["jobs", "export"]);
    const asked = new Map<string, { before: string[]; format: string }>();
    let begun = 0;
    try {
      return await killJobs(
        ground,
        {
          async due() {
            return formats[begun % formats.length] ?? "ndjson";
          },
          async begin(format) {
            begun += 1;
            const before = await idsNow(app);
            const { jobId } = await requestExport(actor, exportRequest.parse({ query: `database=${app.id}`, format }));
            asked.set(jobId, { before, format });
            return jobId;
          },
          async look(id) {
            await app.query("SELECT caretaker.log_event('tick')");
            return lookAtFile(id, asked.get(id)?.before ?? []);
          },
          async lookAtEnd(id) {
            const before = asked.get(id)?.before ?? [];
            asked.delete(id);
            const found: Found = { ...nothing };
            if (!(await isReady(id))) return { ...nothing, lost: before.length };
            add(found, await lookAtReady(id, before, await idsNow(app)));
            add(found, await auditOf(id));
            return found;
          },
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

/** Months that count as big, so that each is a slice. */
async function fill(app: Subject): Promise<void> {
  await app.query("SELECT caretaker.ensure_partitions(1, $1)", [months]);
  await app.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id, new_values)
     SELECT now() - n * interval '1 month' - k * interval '1 second', n * 1000000 + k, '5', 'create', 'things', k, jsonb_build_object('k', k)
       FROM generate_series(1, $1::int) n, generate_series(1, $2::int) k`,
    [months, entriesEach],
  );
  await app.query("ANALYZE caretaker.audit_logs");
  await app.query(
    "UPDATE pg_class SET reltuples = 400000 WHERE relname ~ '^audit_logs_\\d{4}_\\d{2}$' AND reltuples > 100",
  );
}

async function idsNow(app: Subject): Promise<string[]> {
  return (await app.query<{ id: string }>("SELECT id::text AS id FROM caretaker.audit_logs")).map(({ id }) => id);
}
