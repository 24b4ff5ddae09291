import { setTimeout as pause } from "node:timers/promises";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { policy, run } from "#db/records/retention/testing/purging.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Bench } from "./bench.ts";
import { application, type Felt } from "./purge/application.ts";

const sizes = { small: { rows: 10_000, baselineMs: 2_000 }, full: { rows: 1_000_000, baselineMs: 20_000 } };

/** Every fifth row hangs from another without a mark of its own; one in ten is live. */
const ddl = `
  CREATE TABLE notes (id bigint PRIMARY KEY, tenant text NOT NULL, body text, deleted_at timestamptz);
  CREATE TABLE comments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note_id bigint REFERENCES notes ON DELETE CASCADE);
  CREATE INDEX ON comments (note_id)`;

/** A purge of so many rows while an application writes to the same table, and what the application feels of it. */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  const { rows, baselineMs } = sizes[size];
  await freshControl();
  const db = await adoptedDatabase(ddl, {
    notes: { class: "tenant", tenantColumn: "tenant", softDelete: { column: "deleted_at", kind: "timestamp" } },
  });
  try {
    const notes = Math.floor(rows * 0.8);
    await db.client.query("ALTER TABLE notes DISABLE TRIGGER USER; ALTER TABLE comments DISABLE TRIGGER USER");
    await db.client.query(
      `INSERT INTO notes SELECT n, 'acme', repeat('x', 100), CASE WHEN n <= ${notes} THEN now() - interval '40 days' END
         FROM generate_series(1, ${Math.floor(notes * 1.1)}) AS n;
       INSERT INTO comments (note_id) SELECT n * 4 FROM generate_series(1, ${rows - notes}) AS n`,
    );
    await db.client.query("ALTER TABLE notes ENABLE TRIGGER USER; ALTER TABLE comments ENABLE TRIGGER USER");
    for (const table of ["notes", "comments"]) {
      for (const trigger of ["insert", "update", "delete", "truncate"])
        await db.client.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER caretaker_${trigger}`);
    }
    await db.client.query("VACUUM ANALYZE");
    await policy(db.id, "notes");
    const actor = systemActor("bench");
    const alone = await feltDuring(db.url, notes, () => pause(baselineMs));
    const since = performance.now();
    let removed = 0;
    const beside = await feltDuring(db.url, notes, async () => {
      ({ removed } = await run(actor, db.id));
    });
    const seconds = (performance.now() - since) / 1000;
    const { rows: left } = await db.client.query<{ due: number }>(
      "SELECT count(*)::int AS due FROM notes WHERE deleted_at IS NOT NULL",
    );
    const felt = (name: string, { statements, p99Ms, maxMs, waitMaxMs }: Felt) => [
      name,
      statements,
      p99Ms,
      maxMs,
      waitMaxMs,
    ];
    return {
      figures: {
        purgeable_rows: rows,
        removed_rows: removed,
        left_rows: left[0]?.due ?? -1,
        rows_per_s: Math.round(removed / seconds),
        app_wait_max_ms: beside.waitMaxMs,
        app_statement_max_ms: beside.maxMs,
        app_statement_max_ms_without_purge: alone.maxMs,
        app_statement_p99_ms: beside.p99Ms,
      },
      tables: [
        {
          title: "What the application felt",
          columns: ["", "statements", "p99 ms", "max ms", "lock wait max ms"],
          rows: [felt("alone", alone), felt("beside the purge", beside)],
        },
      ],
    };
  } finally {
    await db.client.end();
    await closeFleet();
    await closeControl();
  }
};

async function feltDuring(url: string, rows: number, work: () => Promise<unknown>): Promise<Felt> {
  const running = await application(url, rows);
  try {
    await work();
  } finally {
    await pause(50);
  }
  return running.stop();
}
