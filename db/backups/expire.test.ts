import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decide } from "../approvals/decide.ts";
import { propose } from "../approvals/propose.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { openBackup } from "./download.ts";
import { expire, overdueBackups } from "./expire.ts";
import { backupFolder } from "./folder.ts";
import { planKeep, setKeep } from "./keep.ts";
import { backupOverview } from "./overview.ts";
import { readBackup } from "./read.ts";
import { markVerified } from "./record.ts";
import { verifyBackup } from "./verify.ts";

const system = systemActor("test");
const reason = "Our terms";
let admin: Person;
let officer: Person;
let databaseId: string;

beforeAll(async () => {
  // Before the configuration is parsed, which happens once.
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-expire-"));
  await freshControl();
  admin = await person("administrator");
  officer = await person("compliance");
  databaseId = await registerDatabase(await freshDatabase());
});
beforeEach(async () => {
  await controlPool().query("DELETE FROM backups; DELETE FROM backup_retentions; DELETE FROM legal_holds");
});
afterAll(async () => {
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true });
});

/** A backup of so many days ago, with its files; answers its id. */
async function backup(days: number, state = "good"): Promise<string> {
  const file = `app_${days}_${state}.dump`;
  for (const name of [file, file.replace(".dump", ".globals.sql")])
    await writeFile(join(await backupFolder(), name), "whole");
  const { rows } = await controlPool().query<{ id: string }>(
    `INSERT INTO backups (database_id, database_name, state, file, globals_file, bytes, sha256, started_at)
     VALUES ($1, 'app', $2, $3, $4, 5, 'x', now() - make_interval(days => $5)) RETURNING id`,
    [databaseId, state, file, file.replace(".dump", ".globals.sql"), days],
  );
  return rows[0]?.id ?? "";
}

async function keep(keepDays: number | null): Promise<void> {
  const plan = await planKeep(admin.actor, { databaseId, keepDays });
  const consent = { databaseId, keepDays, planHash: plan.hash, reason };
  if (!plan.shorter) return void (await setKeep(admin.actor, consent));
  const { subject, hash: planHash } = plan;
  const id = await propose(admin.actor, { verb: "backups.set_retention", subject, planHash, reason });
  await decide(officer.actor, { id, planHash, decision: "approve" });
  await setKeep(admin.actor, consent);
}

/** As the daily run does. */
async function run(): Promise<string[]> {
  const came: string[] = [];
  for (const { backupId } of await overdueBackups()) came.push(await expire(system, backupId));
  return came;
}

async function files(id: string): Promise<boolean> {
  const { file } = await readBackup(admin.actor, id);
  return access(join(await backupFolder(), file)).then(
    () => true,
    () => false,
  );
}

test("a backup has no end until somebody sets one, and then goes with its files when its time is over", async () => {
  const [old, newer] = [await backup(40), await backup(10)];
  expect(await readBackup(admin.actor, old)).toMatchObject({ expiresAt: null, stays: null });
  expect(await run()).toEqual([]);
  await keep(30);
  const { startedAt, expiresAt } = await readBackup(admin.actor, newer);
  expect(Date.parse(expiresAt ?? "") - Date.parse(startedAt)).toBe(30 * 24 * 3_600_000);
  expect((await backupOverview(admin.actor)).databases.find((one) => one.databaseId === databaseId)).toMatchObject({
    keepDays: 30,
    lastGood: { id: newer, stays: "newest" },
  });
  expect(await run()).toEqual(["expired"]);
  expect([await files(old), await files(newer)]).toEqual([false, true]);
  expect(await readBackup(admin.actor, old)).toMatchObject({ state: "expired", expiredAt: expect.any(String) });
  const { rows } = await controlPool().query(
    "SELECT changes -> 'state' IS NOT NULL AS named, metadata ->> 'reason' AS reason FROM caretaker.audit_logs WHERE resource_type = 'backups' AND resource_id = $1 AND action = 'update'",
    [old],
  );
  expect(rows).toMatchObject([{ named: true, reason: "Its time was over" }]);
});

test("the newest good one stays, also where a newer one has lost its file or is damaged", async () => {
  const [good, broken] = [await backup(50), await backup(40, "damaged")];
  await keep(30);
  expect(await run()).toEqual(["newest", "newest"]);
  const lost = await backup(2);
  await rm(join(await backupFolder(), (await readBackup(admin.actor, lost)).file));
  expect(await run()).toEqual(["newest", "newest"]);
  expect([await files(good), await files(broken)]).toEqual([true, true]);
  await backup(1);
  expect(await run()).toEqual(["expired", "expired"]);
});

test("a legal hold keeps all of its database, and what waited goes after the release", async () => {
  const old = await backup(40);
  await backup(1);
  await keep(30);
  await controlPool().query(
    `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ('Smith', 'record', $1, 'public', 'orders', '7', 'case')`,
    [databaseId],
  );
  expect(await readBackup(admin.actor, old)).toMatchObject({ stays: "held" });
  expect(await planKeep(admin.actor, { databaseId, keepDays: 5 })).toMatchObject({ goes: [], holds: ["Smith"] });
  expect(await run()).toEqual(["held"]);
  expect(await files(old)).toBe(true);
  await controlPool().query("UPDATE legal_holds SET released_at = now(), release_reason = 'over'");
  expect(await run()).toEqual(["expired"]);
});

test("a run that was cut off after the files is ended by the next one", async () => {
  const old = await backup(40);
  await backup(1);
  await keep(30);
  const { file } = await readBackup(admin.actor, old);
  await rm(join(await backupFolder(), file));
  await controlPool().query("UPDATE backups SET state = 'missing' WHERE id = $1", [old]);
  expect(await run()).toEqual(["expired"]);
  expect(await run()).toEqual([]);
});

test("two runs at once leave the last good one", async () => {
  const ids = [await backup(60), await backup(50), await backup(40)];
  await keep(30);
  const came = await Promise.all([...ids, ...ids].map((id) => expire(system, id)));
  expect(came.filter((one) => one === "expired")).toHaveLength(2);
  expect(await Promise.all(ids.map(files))).toEqual([false, false, true]);
});

test("what has gone is handed out and verified no more, and a late verdict does not bring it back", async () => {
  const id = await backup(40);
  await backup(1);
  await keep(30);
  await run();
  await expect(openBackup(admin.actor, { id, part: "dump" })).rejects.toMatchObject({ code: "not_found" });
  await expect(verifyBackup(admin.actor, { id })).rejects.toMatchObject({ message: expect.stringContaining("over") });
  const client = await controlPool().connect();
  await markVerified(client, id, "missing");
  client.release();
  expect((await readBackup(admin.actor, id)).state).toBe("expired");
});

test("keeping them shorter takes a second person and a plan that was seen; keeping them longer takes one", async () => {
  const [oldest] = [await backup(40), await backup(10)];
  const plan = await planKeep(officer.actor, { databaseId, keepDays: 30 });
  expect(plan).toMatchObject({ before: null, after: 30, shorter: true, goes: [{ id: oldest }] });
  const input = { databaseId, keepDays: 30, planHash: plan.hash, reason };
  await expect(setKeep(admin.actor, input)).rejects.toMatchObject({ code: "approval" });
  await expect(setKeep(admin.actor, { ...input, planHash: "other" })).rejects.toMatchObject({ code: "stale_plan" });
  await expect(setKeep((await person("support")).actor, input)).rejects.toMatchObject({ code: "forbidden" });
  await keep(30);
  await keep(60);
  await keep(null);
  expect(await run()).toEqual([]);
  const { rows } = await controlPool().query(
    "SELECT keep_days, replaced_at IS NULL AS stands FROM backup_retentions ORDER BY set_at",
  );
  expect(rows.map((row) => [row.keep_days, row.stands])).toEqual([
    [30, false],
    [60, false],
    [null, true],
  ]);
});

test("backups of a database that left the fleet get an end, and go to the last one", async () => {
  const [old, last] = [await backup(40), await backup(35)];
  await controlPool().query("UPDATE databases SET released_at = now() WHERE id = $1", [databaseId]);
  try {
    const { gone, databases } = await backupOverview(admin.actor);
    expect(gone).toMatchObject([
      { databaseId, name: "app", keepDays: null, backups: 2, bytes: "10", newest: { id: last } },
    ]);
    expect(databases.some((one) => one.databaseId === databaseId)).toBe(false);
    const plan = await planKeep(admin.actor, { databaseId, keepDays: 30 });
    expect(plan).toMatchObject({ databaseName: "app", inFleet: false, goes: [{ id: old }, { id: last }] });
    await keep(30);
    expect(await readBackup(admin.actor, last)).toMatchObject({ stays: null });
    expect(await run()).toEqual(["expired", "expired"]);
    expect([await files(old), await files(last)]).toEqual([false, false]);
    expect((await backupOverview(admin.actor)).gone).toEqual([]);
  } finally {
    await controlPool().query("UPDATE databases SET released_at = NULL WHERE id = $1", [databaseId]);
  }
});

test("how long backups of a living database are kept is planned while its server's name is not known", async () => {
  const reach = (host: string) =>
    controlPool().query<{ was: string }>(
      `UPDATE servers AS s SET host = $2 FROM servers AS was JOIN databases AS d ON d.server_id = was.id
        WHERE was.id = s.id AND d.id = $1 RETURNING was.host AS was`,
      [databaseId, host],
    );
  const { rows } = await reach("nowhere.invalid");
  try {
    expect(await planKeep(admin.actor, { databaseId, keepDays: 30 })).toMatchObject({ inFleet: true, after: 30 });
  } finally {
    await reach(rows[0]?.was ?? "");
  }
  const nobody = planKeep(admin.actor, { databaseId: crypto.randomUUID(), keepDays: 30 });
  await expect(nobody).rejects.toMatchObject({ code: "not_found" });
});
