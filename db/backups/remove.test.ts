import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decide } from "../approvals/decide.ts";
import { propose } from "../approvals/propose.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { backupFolder } from "./folder.ts";
import { readBackup } from "./read.ts";
import { planRemoval, removeBackup } from "./remove.ts";

const reason = "Made by mistake";
let admin: Person;
let officer: Person;
let databaseId: string;

beforeAll(async () => {
  // Before the configuration is parsed, which happens once.
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-remove-"));
  await freshControl();
  admin = await person("administrator");
  officer = await person("compliance");
  databaseId = await registerDatabase(await freshDatabase());
});
beforeEach(async () => {
  await controlPool().query("DELETE FROM backups");
});
afterAll(async () => {
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true });
});

/** A good backup of so many days ago, with its file; answers its id. */
async function backup(days: number): Promise<string> {
  await writeFile(join(await backupFolder(), `app_${days}.dump`), "whole");
  const { rows } = await controlPool().query<{ id: string }>(
    `INSERT INTO backups (database_id, database_name, state, file, bytes, sha256, started_at)
     VALUES ($1, 'app', 'good', $2, 5, 'x', now() - make_interval(days => $3)) RETURNING id`,
    [databaseId, `app_${days}.dump`, days],
  );
  return rows[0]?.id ?? "";
}

async function remove(id: string): Promise<unknown> {
  const { subject, hash: planHash } = await planRemoval(admin.actor, { id });
  const approvalId = await propose(admin.actor, { verb: "backups.remove", subject, planHash, reason });
  await decide(officer.actor, { id: approvalId, planHash, decision: "approve" });
  return removeBackup(admin.actor, { id, planHash, typed: subject, reason, approvalId });
}

async function isThere(id: string): Promise<boolean> {
  const { file } = await readBackup(admin.actor, id);
  return access(join(await backupFolder(), file)).then(
    () => true,
    () => false,
  );
}

test("a backup is removed by hand with its name typed and a second person, and its row says by whom and why", async () => {
  const [old] = [await backup(2), await backup(1)];
  const { subject, hash: planHash, obstacle } = await planRemoval(admin.actor, { id: old });
  expect(obstacle).toBeNull();
  const input = { id: old, planHash, typed: subject, reason };
  await expect(removeBackup(admin.actor, { ...input, typed: "other" })).rejects.toMatchObject({ code: "invalid" });
  await expect(removeBackup(admin.actor, input)).rejects.toMatchObject({ code: "approval" });
  await expect(removeBackup((await person("support")).actor, input)).rejects.toMatchObject({ code: "forbidden" });
  expect(await isThere(old)).toBe(true);
  await remove(old);
  expect(await isThere(old)).toBe(false);
  expect(await readBackup(admin.actor, old)).toMatchObject({
    state: "expired",
    error: expect.stringContaining(reason),
    expiredAt: expect.any(String),
  });
});

test("the last good backup with its file of a living database stays; of one that left the fleet it may go", async () => {
  const [lost, last] = [await backup(2), await backup(1)];
  await rm(join(await backupFolder(), "app_2.dump"));
  await expect(remove(last)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("last good") });
  expect(await isThere(last)).toBe(true);
  await remove(lost);
  await controlPool().query("UPDATE databases SET released_at = now() WHERE id = $1", [databaseId]);
  await remove(last);
  expect(await isThere(last)).toBe(false);
  await controlPool().query("UPDATE databases SET released_at = NULL WHERE id = $1", [databaseId]);
});

test("a legal hold on its database keeps a backup", async () => {
  const [old] = [await backup(2), await backup(1)];
  await controlPool().query(
    `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ('Smith', 'record', $1, 'public', 'orders', '7', 'case')`,
    [databaseId],
  );
  await expect(remove(old)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("Smith") });
  expect(await isThere(old)).toBe(true);
});
