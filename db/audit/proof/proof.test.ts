import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import { treeFindings } from "./fork.ts";
import { verifierKeys } from "./keys.ts";
import { readLog } from "./log.ts";
import { openCheckpoint } from "./note.ts";
import { sealLog } from "./seal.ts";
import { proofStanding } from "./standing.ts";
import { leafTiles } from "./tiles.ts";
import { verifyLog } from "./verify-log.ts";

let admin: Person;
let app: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const seal = () => sealLog(admin.actor, app.id, { seconds: 0 });
const verify = (published: string[] = []) => verifyLog(admin.actor, app.id, { published });
const write = (from: number, to: number) =>
  app.client.query("INSERT INTO notes SELECT n, 'tab\there \\ and ' || n FROM generate_series($1::int, $2::int) n", [
    from,
    to,
  ]);

beforeEach(async () => {
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  return () => app.client.end();
});

/** As the owner of the database would: the guard set aside, the change made, the guard put back. */
async function tamper(sql: string): Promise<void> {
  await app.client.query("ALTER TABLE caretaker.audit_logs DISABLE TRIGGER USER");
  await app.client.query("SET session_replication_role = replica");
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass",
  );
  for (const { part } of rows) await app.client.query(`ALTER TABLE ${part} DISABLE TRIGGER USER`);
  await app.client.query(sql);
}

async function entries(): Promise<string[]> {
  const { rows } = await app.client.query<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs ORDER BY transaction_id, audit_logs.id",
  );
  return rows.map(({ id }) => id);
}

describe("the sealer", () => {
  test("appends what was committed since, over tiles and batches, and signs a chain of checkpoints that verifies", async () => {
    for (const [from, to] of [
      [1, 3],
      [4, 700],
      [701, 702],
      [703, 1_030],
    ] as const) {
      await write(from, to);
      expect(await seal()).toEqual({ sealed: to - from + 1 });
    }
    expect(await seal()).toEqual({ sealed: 0 });
    const last = await lastCheckpoint(controlPool(), app.id);
    const checkpoint = openCheckpoint(last?.note ?? "", await verifierKeys());
    expect(checkpoint).toMatchObject({ origin: `caretaker/audit/${app.id}`, size: 1_030 });
    expect(await verify()).toMatchObject({ verdict: "good", size: 1_030, entries: 1_030, findings: [] });
  });

  test("waits for a transaction that still runs, and takes its entries when it has ended", async () => {
    const slow = await adoptedClient();
    await slow.query("BEGIN");
    await slow.query("INSERT INTO notes VALUES (1, 'late')");
    await write(2, 5);
    expect(await seal()).toEqual({ sealed: 0 });
    const { rows } = await app.client.query("SELECT min(created_at) AS oldest FROM caretaker.audit_logs");
    const { unsealedSince } = await proofStanding(app.id, "app");
    expect(Date.parse(unsealedSince ?? "")).toBe(rows[0].oldest.getTime());
    await slow.query("COMMIT");
    await slow.end();
    expect(await seal()).toEqual({ sealed: 5 });
    expect(await proofStanding(app.id, "app")).toMatchObject({ unsealedSince: null });
    expect(await verify()).toMatchObject({ verdict: "good", entries: 5 });
  });

  test("signs no more often than it was asked to", async () => {
    await write(1, 2);
    await seal();
    await write(3, 4);
    await sealLog(admin.actor, app.id, { seconds: 60 });
    expect((await lastCheckpoint(controlPool(), app.id))?.size).toBe(2);
    expect((await readLog(controlPool(), app.id))?.size).toBe(4);
  });

  test("two sealers at once seal every entry once", async () => {
    await write(1, 2_000);
    const outcomes = await Promise.allSettled([seal(), seal(), seal()]);
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await readLog(controlPool(), app.id))?.size).toBe(2_000);
    expect(await verify()).toMatchObject({ verdict: "good", entries: 2_000 });
  });

  test("may go on while the log is verified as it was before: that is no fork, and nothing is missing", async () => {
    await write(1, 100);
    await seal();
    const before = await readLog(controlPool(), app.id);
    if (!before) throw new Error("Nothing was sealed.");
    await write(101, 700);
    await seal();
    expect(await treeFindings(app.id, before, [])).toEqual([]);
    const leaves = (await Array.fromAsync(leafTiles(controlPool(), app.id, before.size))).map(({ ids, hashes }) => [
      ids?.length,
      hashes.length,
    ]);
    expect(leaves).toEqual([[100 * 8, 100 * 32]]);
  });

  test("may be between two batches, or killed there, while the log is verified: nothing is missing, and nothing too much", async () => {
    await write(1, 100);
    await seal();
    const whole = await readLog(controlPool(), app.id);
    await write(101, 400);
    await write(401, 700);
    await seal();
    // As after a batch: the tree has all entries, and what is sealed as a whole is still what was.
    await controlPool().query("UPDATE sealed_logs SET sealed_to = $2 WHERE database_id = $1", [
      app.id,
      whole?.sealedTo,
    ]);
    await write(701, 800);
    expect(await verify()).toMatchObject({ verdict: "good", size: 700, entries: 700 });
    expect(await seal()).toEqual({ sealed: 100 });
    expect(await verify()).toMatchObject({ verdict: "good", size: 800, entries: 800 });
  });

  test("is refused for support, and so is verifying", async () => {
    const support = await person("support");
    await expect(sealLog(support.actor, app.id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(verifyLog(support.actor, app.id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

async function adoptedClient() {
  const { Client } = (await import("pg")).default;
  const client = new Client(app.url);
  await client.connect();
  return client;
}

describe("a database owner who", () => {
  beforeEach(async () => {
    await write(1, 600);
    await seal();
  });

  test("changes a value is found out, and the entry named", async () => {
    const [, id = ""] = await entries();
    await tamper(`UPDATE caretaker.audit_logs SET user_id = 'somebody-else' WHERE id = ${id}`);
    expect(await verify()).toMatchObject({ verdict: "bad", findings: [{ kind: "changed", entry: id }] });
  });

  test("deletes a row is found out, and the entry named", async () => {
    const id = (await entries())[300] ?? "";
    await tamper(`DELETE FROM caretaker.audit_logs WHERE id = ${id}`);
    expect(await verify()).toMatchObject({
      verdict: "bad",
      findingCount: 1,
      findings: [{ kind: "vanished", entry: id }],
    });
  });

  test("swaps two entries is found out, and both are named", async () => {
    const [a = "", b = ""] = [(await entries())[10], (await entries())[500]];
    await tamper(`UPDATE caretaker.audit_logs AS log
                     SET resource_id = other.resource_id, new_values = other.new_values
                    FROM caretaker.audit_logs AS other
                   WHERE (log.id, other.id) IN ((${a}, ${b}), (${b}, ${a}))`);
    const { findings } = await verify();
    expect(findings.map(({ kind, entry }) => [kind, entry]).toSorted()).toEqual(
      [
        ["swapped", a],
        ["swapped", b],
      ].toSorted(),
    );
  });

  test("inserts an entry afterwards is found out, and the entry named", async () => {
    const id = (await entries())[20] ?? "";
    await tamper(`INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type)
                  SELECT created_at, id + 1, transaction_id, 'delete', 'notes' FROM caretaker.audit_logs WHERE id = ${id}`);
    const { findings } = await verify();
    expect(findings).toMatchObject([{ kind: "inserted", entry: String(BigInt(id) + 1n) }]);
  });

  test("rolls the table back from a backup is found out, with the entry from which on all is gone", async () => {
    const first = (await entries())[550] ?? "";
    await tamper(`DELETE FROM caretaker.audit_logs WHERE id >= ${first}`);
    const { findings } = await verify();
    expect(findings).toMatchObject([{ kind: "rolled-back", entry: first }]);
    await write(601, 610);
    await seal();
    expect((await verify()).verdict).toBe("bad");
  });

  test("restores the whole database, transactions and all, stops the sealer", async () => {
    await controlPool().query("UPDATE sealed_logs SET sealed_to = '4000000000' WHERE database_id = $1", [app.id]);
    await write(601, 610);
    await expect(seal()).rejects.toMatchObject({ code: "conflict" });
    expect((await readLog(controlPool(), app.id))?.stopped).toMatch(/went back/);
    expect(await seal()).toEqual({ sealed: 0 });
  });
});

describe("somebody who writes the control database", () => {
  test("and rebuilds the tree over changed entries is found out by the checkpoint that was published", async () => {
    await write(1, 300);
    await seal();
    const published = (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
    await tamper("UPDATE caretaker.audit_logs SET user_id = 'nobody' WHERE resource_id = '7'");
    for (const table of ["seal_tiles", "seal_checkpoints", "sealed_logs"])
      await controlPool().query(`DELETE FROM ${table} WHERE database_id = $1`, [app.id]);
    await seal();
    expect(await verify()).toMatchObject({ verdict: "good" });
    expect(await verify([published])).toMatchObject({ verdict: "bad", findings: [{ kind: "forked" }] });
  });

  test("and changes a tile, a root or the chain is found out", async () => {
    await write(1, 300);
    await seal();
    await write(301, 302);
    await seal();
    const good = await controlPool().query(
      "SELECT hashes FROM seal_tiles WHERE database_id = $1 AND level = 0 AND index = 0",
      [app.id],
    );
    const bad = Buffer.from(good.rows[0].hashes);
    bad[40] = (bad[40] ?? 0) ^ 1;
    const put = (hashes: Buffer) =>
      controlPool().query("UPDATE seal_tiles SET hashes = $2 WHERE database_id = $1 AND level = 0 AND index = 0", [
        app.id,
        hashes,
      ]);
    await put(bad);
    expect((await verify()).findings.map(({ kind }) => kind)).toContain("forked");
    await put(good.rows[0].hashes);
    await controlPool().query("DELETE FROM seal_checkpoints WHERE database_id = $1 AND size = 300", [app.id]);
    expect((await verify()).findings).toMatchObject([{ kind: "forked" }]);
  });
});
