import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { closeFleet } from "../fleet.ts";
import { passing } from "../jobs/passing.ts";
import { systemActor } from "../mint.ts";
import { stopped } from "../moves/move.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { setCapacity, setPolicy } from "./capacity.ts";
import { choosePlace, readServers } from "./read.ts";
import { previewRebalance } from "./rebalance/preview.ts";
import { newestRebalance } from "./rebalance/read.ts";
import { type Mover, rebalanceSchedules } from "./rebalance/run.ts";
import { startRebalance, stopRebalance } from "./rebalance/start.ts";
import { sampleServers } from "./sample.ts";
import { begins } from "./testing.ts";

let administrator: Actor;
let support: Actor;
let full: { server: string; database: string };
let empty: { server: string; database: string };

const system = systemActor("test");
const gb = 1_000_000_000;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator", "Ada")).actor;
  support = (await person("support")).actor;
});

beforeEach(async () => {
  await controlPool().query("UPDATE servers SET removed_at = now() WHERE removed_at IS NULL");
  await controlPool().query("UPDATE rebalances SET state = 'stopped' WHERE state = 'running'");
  await controlPool().query("UPDATE rebalance_moves SET state = 'skipped' WHERE state IN ('queued', 'moving')");
  full = await placed();
  empty = await placed();
  for (const [name, { server }] of [
    ["full", full],
    ["empty", empty],
  ] as const) {
    await controlPool().query("UPDATE servers SET name = $2 WHERE id = $1", [server, name]);
    await setCapacity(administrator, { serverId: server, region: "eu", diskGb: 100 * gb, cores: 8, movesAtOnce: 3 });
    await controlPool().query("INSERT INTO server_samples (server_id, used_bytes, active_ms) VALUES ($1, $2, 0)", [
      server,
      (name === "full" ? 80 : 10) * gb,
    ]);
  }
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function placed(): Promise<{ server: string; database: string }> {
  const database = await registerDatabase(await freshDatabase());
  const { rows } = await controlPool().query<{ id: string }>("SELECT server_id AS id FROM databases WHERE id = $1", [
    database,
  ]);
  return { server: rows[0]?.id ?? "", database };
}

async function tenant(
  name: string,
  at: { database: string },
  size: number,
): Promise<{ id: string; placement: string }> {
  const { rows } = await controlPool().query<{ id: string }>(
    "INSERT INTO tenants (home_database_id, key, name, size_bytes) VALUES ($1, $2, $2, $3) RETURNING id",
    [full.database, name, size * gb],
  );
  const id = rows[0]?.id ?? "";
  const { rows: placements } = await controlPool().query<{ id: string }>(
    "INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, 'shared', $2, 'public', 'open') RETURNING id",
    [id, at.database],
  );
  return { id, placement: placements[0]?.id ?? "" };
}

async function sample(): Promise<void> {
  await sampleServers.run(passing(randomUUID(), system, new AbortController().signal, pino({ level: "silent" })));
}

async function tend(mover: Mover = begins): Promise<void> {
  for (const schedule of rebalanceSchedules(mover, stopped)) {
    if ("run" in schedule)
      await schedule.run.run(passing(randomUUID(), system, new AbortController().signal, pino({ level: "silent" })));
  }
}

const states = async () =>
  (await newestRebalance(support))?.items.map(({ tenantName, state }) => `${tenantName} ${state}`);

test("a server's disk and load are sampled through one of its databases", async () => {
  await controlPool().query("DELETE FROM server_samples");
  await sample();
  const [server] = await readServers(support);
  expect(server?.usedBytes).toBeGreaterThan(1_000_000);
  expect(server?.pressure.disk).toBeGreaterThan(0);
  expect(server?.load).toBeNull();
  await controlPool().query(
    "INSERT INTO server_samples (server_id, sampled_at, used_bytes, active_ms) SELECT server_id, now() - interval '10 minutes', 1, active_ms - 1200000 FROM server_samples",
  );
  await controlPool().query("UPDATE server_samples SET active_ms = active_ms + 1300000");
  expect((await readServers(support))[0]?.load).toBeCloseTo(2, 1);
});

test("a new server is sampled before it manages a database, and takes what another has no room for", async () => {
  await controlPool().query("DELETE FROM server_samples WHERE server_id = $1", [empty.server]);
  await controlPool().query("UPDATE databases SET released_at = now() WHERE id = $1", [empty.database]);
  const { id } = await tenant("a", full, 11);
  expect((await previewRebalance(support, 70)).leftOut).toEqual([{ name: "empty", why: "it was not sampled yet" }]);
  await sample();
  await controlPool().query("DELETE FROM server_samples WHERE server_id = $1 AND active_ms > 0", [full.server]);
  expect(await choosePlace(support, full.database)).toMatchObject({ server: { name: "empty" } });
  expect(await previewRebalance(support, 70)).toMatchObject({
    leftOut: [],
    moves: [{ tenantId: id, toServerId: empty.server }],
  });
});

test("a new tenant goes to the least loaded server, into its region, or where it is pinned", async () => {
  expect(await choosePlace(support, full.database)).toMatchObject({ server: { name: "empty" } });
  await setPolicy(administrator, { homeDatabaseId: full.database, kind: "region", region: "us", serverId: null });
  expect(await choosePlace(support, full.database)).toMatchObject({
    server: null,
    refused: expect.arrayContaining([{ server: "empty", why: expect.stringContaining("us") }]),
  });
  await setPolicy(administrator, {
    homeDatabaseId: full.database,
    kind: "pinned",
    region: null,
    serverId: empty.server,
  });
  expect(await choosePlace(support, full.database)).toMatchObject({
    server: { name: "empty" },
    why: expect.stringContaining("pinned"),
  });
  await setPolicy(administrator, { homeDatabaseId: full.database, kind: "least_loaded", region: null, serverId: null });
  expect(await choosePlace(support, full.database, { bytes: 65 * gb })).toMatchObject({ server: null });
  await expect(
    setPolicy(support, { homeDatabaseId: full.database, kind: "least_loaded", region: null, serverId: null }),
  ).rejects.toMatchObject({ code: "forbidden" });
});

test("a plan that was agreed to runs as a queue of moves, two at once, and ends", async () => {
  const made = [await tenant("a", full, 5), await tenant("b", full, 4), await tenant("c", full, 3)];
  const plan = await previewRebalance(support, 70);
  expect(plan.moves.map(({ tenantName }) => tenantName)).toEqual(["a", "b", "c"]);
  expect(plan.servers.find(({ name }) => name === "full")?.after.disk).toBeCloseTo(0.68);
  await expect(startRebalance(support, { limit: 70, planHash: plan.hash })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startRebalance(administrator, { limit: 70, planHash: "another" })).rejects.toMatchObject({
    code: "stale_plan",
  });
  await startRebalance(administrator, { limit: 70, planHash: plan.hash });
  const again = await previewRebalance(support, 70);
  await expect(startRebalance(administrator, { limit: 70, planHash: again.hash })).rejects.toMatchObject({
    code: "conflict",
  });
  await tend();
  expect(await states()).toEqual(["a moving", "b moving", "c queued"]);
  await tend();
  expect(await states()).toEqual(["a moving", "b moving", "c queued"]);
  await controlPool().query("UPDATE moves SET state = 'moved' WHERE tenant_id = $1", [made[0]?.id]);
  await controlPool().query("UPDATE moves SET state = 'aborted', error = 'The disk was full.' WHERE tenant_id = $1", [
    made[1]?.id,
  ]);
  await tend();
  expect(await states()).toEqual(["a moved", "b failed", "c moving"]);
  await controlPool().query("UPDATE moves SET state = 'completed' WHERE tenant_id = $1", [made[2]?.id]);
  await tend();
  expect(await newestRebalance(support)).toMatchObject({
    state: "done",
    items: [{ state: "moved" }, { state: "failed", error: "The disk was full." }, { state: "moved" }],
  });
});

test("a tenant that cannot be moved says why and holds nobody up; one begun before a crash is not begun twice", async () => {
  const { id } = await tenant("a", full, 6);
  await tenant("b", full, 5);
  const plan = await previewRebalance(support, 70);
  await startRebalance(administrator, { limit: 70, planHash: plan.hash });
  await begins(system, { tenantId: id, serverId: empty.server, reason: "The worker was killed before it noted this." });
  await tend(async () => {
    throw new Refusal("conflict", "A table has no key.", { fix: "Give it one." });
  });
  expect(await states()).toEqual(["a moving", "b failed"]);
  expect((await newestRebalance(support))?.items[1]?.error).toBe("A table has no key. Give it one.");
  const { rows } = await controlPool().query("SELECT FROM moves WHERE tenant_id = $1", [id]);
  expect(rows).toHaveLength(1);
});

test("moves that stopped or are paused hold nobody up, and are followed when somebody carries them on", async () => {
  const [a, b] = [await tenant("a", full, 5), await tenant("b", full, 4), await tenant("c", full, 3)];
  const plan = await previewRebalance(support, 70);
  await startRebalance(administrator, { limit: 70, planHash: plan.hash });
  await tend();
  expect(await states()).toEqual(["a moving", "b moving", "c queued"]);
  await controlPool().query("UPDATE moves SET error = 'The disk is full.' WHERE tenant_id = $1", [a.id]);
  await controlPool().query(
    "UPDATE moves SET state = 'copying', paused_at = now(), paused_by = 'Ada' WHERE tenant_id = $1",
    [b.id],
  );
  await tend();
  expect(await states()).toEqual(["a failed", "b moving", "c moving"]);
  expect((await newestRebalance(support))?.items).toMatchObject([
    { error: "The disk is full." },
    { error: "Paused by Ada." },
    { error: null },
  ]);
  await controlPool().query("UPDATE moves SET error = NULL, paused_at = NULL, state = 'moved'");
  await tend();
  expect(await newestRebalance(support)).toMatchObject({
    state: "done",
    items: [{ state: "moved", error: null }, { state: "moved", error: null }, { state: "moved" }],
  });
});

test("one whose server does not answer says why, lets the others go first, and is begun when it answers", async () => {
  const [a, b] = [await tenant("a", full, 5), await tenant("b", full, 4), await tenant("c", full, 3)];
  const plan = await previewRebalance(support, 70);
  await startRebalance(administrator, { limit: 70, planHash: plan.hash });
  const faults = new Map<string, Error>([
    [a.id, new Refusal("timeout", "full did not finish this question in time.")],
    [b.id, new TypeError("A defect.")],
  ]);
  const faulty: Mover = async (actor, move) => {
    const fault = faults.get(move.tenantId);
    if (fault) throw fault;
    return begins(actor, move);
  };
  await tend(faulty);
  expect(await states()).toEqual(["a queued", "b failed", "c moving"]);
  expect((await newestRebalance(support))?.items).toMatchObject([
    { error: "full did not finish this question in time." },
    { error: expect.stringContaining("A defect") },
    { error: null },
  ]);
  faults.clear();
  await tend(faulty);
  expect(await states()).toEqual(["a moving", "b failed", "c moving"]);
  expect((await newestRebalance(support))?.items[0]?.error).toBeNull();
});

test("a server that is away is asked once a look, and what goes elsewhere is moved", async () => {
  await tenant("a", full, 5);
  await tenant("b", full, 4);
  await tenant("c", full, 3);
  const other = await placed();
  const { hash } = await previewRebalance(support, 70);
  const { rebalanceId } = await startRebalance(administrator, { limit: 70, planHash: hash });
  await controlPool().query("UPDATE rebalance_moves SET to_server_id = $2 WHERE rebalance_id = $1 AND ordinal = 3", [
    rebalanceId,
    other.server,
  ]);
  let asked = 0;
  const mover: Mover = async (actor, move) => {
    if (move.serverId === other.server) return begins(actor, move);
    asked += 1;
    throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  };
  await tend(mover);
  expect(await states()).toEqual(["a queued", "b queued", "c moving"]);
  expect(asked).toBe(1);
});

test("a rebalancing keeps to the region of the application's policy", async () => {
  await tenant("a", full, 30);
  await setPolicy(administrator, { homeDatabaseId: full.database, kind: "region", region: "us", serverId: null });
  expect(await previewRebalance(support, 70)).toMatchObject({ moves: [], unsolved: [{ name: "full" }] });
  await setPolicy(administrator, { homeDatabaseId: full.database, kind: "region", region: "eu", serverId: null });
  expect((await previewRebalance(support, 70)).moves).toMatchObject([{ tenantName: "a", toServerId: empty.server }]);
});

test("a stopped queue begins nothing more, and what is pinned or moving is not planned", async () => {
  await tenant("a", full, 6);
  await tenant("b", full, 5);
  const { hash } = await previewRebalance(support, 70);
  const { rebalanceId } = await startRebalance(administrator, { limit: 70, planHash: hash });
  await stopRebalance(administrator, { rebalanceId });
  await tend();
  expect(await states()).toEqual(["a skipped", "b skipped"]);
  await setPolicy(administrator, {
    homeDatabaseId: full.database,
    kind: "pinned",
    region: null,
    serverId: full.server,
  });
  const pinned = await previewRebalance(support, 70);
  expect(pinned).toMatchObject({ moves: [], unsolved: [{ name: "full" }] });
});
