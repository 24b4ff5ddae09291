import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillMonth } from "#db/audit/archive/testing/month.ts";
import { moveMonth } from "#db/audit/archive/testing/move.ts";
import { searchCold } from "#db/audit/cold/search.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Bench } from "./bench.ts";

const sizes = { small: 20_000, full: 200_000 };

const month = "2025-12";

/** One question for each way of asking; the last finds nothing, so that every entry is read. */
const questions = [
  ...["", "action:delete", "actor:user-3", "tenant:tenant-2", "tx:1005", "changed:active", "42", "ip:10.0.0.0/8"],
  ...[
    "old.email:person9@example.com",
    "old.id:100..110",
    "new.active:false",
    "value:person13@",
    "value:nothing-at-all",
  ],
];

/** Archives one month, asks it in every way three times, and brings it back. Times are by the clock, naming of actors included. */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-bench-cold-"));
  await freshControl();
  const app = await adoptedDatabase("");
  const actor = systemActor("bench");
  try {
    await fillMonth(app.client, month, sizes[size]);
    const archive = await timed(() => moveMonth(actor, "audit.archive", app.id, month));
    if (archive.value.state !== "done") throw new Error(archive.value.error ?? "The month was not archived.");
    const times: { q: string; ms: number; found: number }[] = [];
    for (const q of [...questions, ...questions, ...questions]) {
      const options = { cursor: null, signal: new AbortController().signal, onProgress: () => {} };
      const { ms, value } = await timed(() => searchCold(actor, { database: app.id, q }, options));
      times.push({ q, ms, found: value.rows.length });
    }
    const back = await timed(() => moveMonth(actor, "audit.return", app.id, month));
    if (back.value.state !== "done") throw new Error(back.value.error ?? "The month did not come back.");
    const worst = (q: string) => Math.max(...times.filter((time) => time.q === q).map(({ ms }) => ms));
    return {
      figures: {
        entries: sizes[size],
        file_bytes: Number(archive.value.result?.bytes),
        archive_s: Math.round(archive.ms) / 1_000,
        return_s: Math.round(back.ms) / 1_000,
        cold_search_ms_max: Math.round(Math.max(...times.map(({ ms }) => ms))),
      },
      tables: [
        {
          title: `Cold search over one month of ${sizes[size]} entries`,
          columns: ["filter", "first page, slowest of 3 (ms)", "rows"],
          rows: questions.map((q) => [
            q || "(none)",
            Math.round(worst(q)),
            times.find((time) => time.q === q)?.found ?? 0,
          ]),
        },
      ],
    };
  } finally {
    await app.client.end();
    await closeFleet();
    await closeControl();
    await rm(process.env.CARETAKER_DATA, { recursive: true, force: true });
  }
};

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  return { value: await work(), ms: performance.now() - began };
}
