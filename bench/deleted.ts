import pg from "pg";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import type { Bench } from "./bench.ts";
import { timeLists } from "./deleted/list.ts";
import { timeRestores } from "./deleted/restore.ts";
import { fillDeleted } from "./deleted/rows.ts";

const sizes = {
  small: { deleted: 20_000, atOnce: 800, inChunks: 1_600 },
  full: { deleted: 1_000_000, atOnce: 10_000, inChunks: 100_000 },
};

/** Deleted records at size: their list, a restore that fits one transaction and one in chunks, beside a million other deleted rows. */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  const { deleted, atOnce, inChunks } = sizes[size];
  await freshControl();
  const url = await freshDatabase();
  const client = new pg.Client(url);
  await client.connect();
  try {
    await fillDeleted(client, deleted);
    const id = await registerDatabase(url);
    const actor = systemActor("bench");
    const { list_p95_ms, table } = await timeLists(actor, id);
    const figures = await timeRestores(client, actor, id, { atOnce, inChunks });
    return {
      figures: { deleted_rows: deleted, rows_at_once: atOnce, rows_in_chunks: inChunks, list_p95_ms, ...figures },
      tables: [table],
    };
  } finally {
    await client.end();
    await closeFleet();
    await closeControl();
  }
};
