import pg from "pg";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Bench } from "./bench.ts";
import { dumpAndRestore } from "./move-copy/dump.ts";
import { timeMove } from "./move-copy/move.ts";
import { countRows, openBigShop, tableCount } from "./move-copy/shop.ts";

const sizes = { small: 60_000, full: 5_000_000 };

/**
 * A tenant's rows in 12 tables, moved from the shared tables to a database of its own on the same server, beside pg_dump -Fd -j2 and
 * pg_restore -j2 of the same rows into another one.
 *
 * Ours: from the start of the job to the end of the step that makes indexes and foreign keys. In it are the new database with
 * Caretaker's schema, the triggers that follow writes, the rows, keys, indexes, foreign keys, audit triggers and ANALYZE, and one
 * round of catching up. Not in it: the plan before, comparing both places afterwards, and the cutover.
 * Theirs: both programs from start to exit, and making the empty database. Caretaker's schema and triggers are in the dump as well;
 * statistics are not.
 */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  await freshControl();
  const shop = await openBigShop(sizes[size]);
  try {
    const rows = await countRows(shop.client);
    const { rows: versions } = await shop.client.query<{ server_version: string }>("SHOW server_version");
    await shop.client.query("CHECKPOINT");
    const dumped = await dumpAndRestore(shop.id, versions[0]?.server_version ?? "");
    await shop.client.query("CHECKPOINT");
    const { move, seconds, memory } = await timeMove(systemActor("bench"), shop.tenantId);
    const place = new URL(shop.url);
    place.pathname = `/${move.to.databaseName}`;
    for (const url of [dumped.url, place.href]) await requireRows(url, rows);
    const move_s = seconds.preparing + seconds.copying + seconds.indexing;
    return {
      figures: {
        rows,
        tables: tableCount,
        copy_to_dump_restore_ratio: round((dumped.dump_s + dumped.restore_s) / move_s),
        move_s: round(move_s),
        move_rows_per_s: Math.round(rows / seconds.copying),
        dump_restore_s: round(dumped.dump_s + dumped.restore_s),
        ...memory,
      },
      tables: [
        {
          title: "Where the time went",
          columns: ["step", "s"],
          rows: [
            ["pg_dump", dumped.dump_s],
            ["pg_restore", dumped.restore_s],
            ["move: preparing", round(seconds.preparing)],
            ["move: copying rows", round(seconds.copying)],
            ["move: indexes, foreign keys, statistics", round(seconds.indexing)],
          ],
        },
      ],
    };
  } finally {
    await shop.client.end();
    await closeFleet();
    await closeControl();
  }
};

async function requireRows(url: string, wanted: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const rows = await countRows(client).finally(() => client.end());
  if (rows !== wanted) throw new Error(`${new URL(url).pathname.slice(1)} has ${rows} rows and not ${wanted}.`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
