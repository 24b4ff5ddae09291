import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTap, type Tap } from "../bench/faults/tap.ts";
import { closeControl, controlPool } from "./control.ts";
import { Refusal } from "./errors.ts";
import { closeFleet, inDatabase } from "./fleet.ts";
import { passing } from "./jobs/passing.ts";
import { tidyOperations } from "./jobs/tidy.ts";
import { type Cluster, removeCluster, startCluster } from "./local/cluster.ts";
import { installStatements, removeStatements } from "./managed/install.ts";
import { systemActor } from "./mint.ts";
import { type Adopted, adoptedDatabase } from "./testing/adopted.ts";
import { freshControl } from "./testing/databases.ts";

const actor = systemActor("test");
const inherited = process.env.CARETAKER_TEST_SERVER;
let dataDir: string;
let cluster: Cluster;
let tap: Tap;
let app: Adopted;

// Only a COMMIT writes its records out: whatever did not get that far loses its transaction id in a crash.
const settings = { synchronous_commit: "on", wal_writer_delay: "10s" };
const start = (port?: number) => startCluster({ dataDir, durable: false, settings, ...(port ? { port } : {}) });

// A server of its own, because it crashes. The console reaches the managed database through the tap.
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "caretaker-ledger-"));
  cluster = await start();
  process.env.CARETAKER_TEST_SERVER = cluster.url;
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE note (text text)");
  await app.client.end();
  tap = await openTap(cluster.port);
  await controlPool().query("UPDATE servers SET port = $1", [tap.port]);
});
afterAll(async () => {
  process.env.CARETAKER_TEST_SERVER = inherited;
  await closeFleet();
  await closeControl();
  await tap.close();
  await cluster.stop("immediate");
  await removeCluster(dataDir);
});

async function ask<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client(app.url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Runs a statement in a transaction of its own. At its COMMIT the server crashes, and gives the ids that it lost to others. */
async function crashAtCommit(side: "before" | "after", sql: string): Promise<unknown> {
  const struck = tap.arm({
    picks: (statement) => statement === "COMMIT",
    side,
    async strike() {
      await cluster.stop("immediate");
      cluster = await start(cluster.port);
      await ask("BEGIN; SELECT pg_current_xact_id(); COMMIT;".repeat(400));
    },
  });
  const outcome = inDatabase(actor, app.id, (client) => client.query(sql)).then(
    () => "committed",
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );
  await struck;
  return outcome;
}

const notes = () => ask("SELECT text FROM note ORDER BY text");

test("a COMMIT in a managed database whose answer a crash swallowed is known to have happened", async () => {
  expect(await crashAtCommit("after", "INSERT INTO note VALUES ('kept')")).toBe("committed");
  expect(await notes()).toEqual([{ text: "kept" }]);
});

test("a COMMIT that a crash forestalled is known not to have happened, though its id is another's by now", async () => {
  expect(await crashAtCommit("before", "INSERT INTO note VALUES ('lost')")).toBe("unreachable");
  expect(await notes()).toEqual([{ text: "kept" }]);
});

test("what was noted of a transaction is forgotten after a day", async () => {
  await ask("UPDATE caretaker.operations SET begun_at = now() - interval '25 hours'");
  const job = passing("tidy", actor, new AbortController().signal, pino({ level: "silent" }));
  expect(await tidyOperations.run(job)).toEqual({ removed: 1 });
  expect(await ask("SELECT count(*)::int AS rows FROM caretaker.operations")).toEqual([{ rows: 1 }]);
});

test("a removal proves itself by what is gone, an installation by what is there", async () => {
  const remove = removeStatements({ dropRoles: false }).map(({ sql }) => sql);
  const install = installStatements({ owner: "postgres", createRoles: false }).map(({ sql }) => sql);
  expect(await crashAtCommit("before", remove.join(";"))).toBe("unreachable");
  expect(await crashAtCommit("after", remove.join(";"))).toBe("committed");
  expect(await crashAtCommit("before", install.join(";"))).toBe("unreachable");
  expect(await crashAtCommit("after", install.join(";"))).toBe("committed");
  expect(await ask("SELECT count(*)::int AS rows FROM caretaker.operations")).toEqual([{ rows: 1 }]);
});

test("a database that was installed before there was a ledger goes on, and says when it does not know", async () => {
  await ask("DROP TABLE caretaker.operations");
  await inDatabase(actor, app.id, (client) => client.query("INSERT INTO note VALUES ('old')"));
  expect(await crashAtCommit("after", "INSERT INTO note VALUES ('older')")).toBe("unknown_outcome");
  expect(await notes()).toEqual([{ text: "kept" }, { text: "old" }, { text: "older" }]);
});
