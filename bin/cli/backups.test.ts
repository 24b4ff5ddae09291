import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl, controlPool } from "#db/control.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

// Each command is a process of its own.
const patient = { timeout: 120_000 };
let name: string;
let id: string;
let token: string;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-cli-backups-"));
  await freshControl();
  const url = await freshDatabase();
  name = new URL(url).pathname.slice(1);
  id = await registerDatabase(url);
  token = await tokenOf("compliance", ["backups.read", "retention.manage", "databases.read"]);
});
afterAll(closeControl);

const planned = z.object({ hash: z.string(), goes: z.array(z.object({ id: z.string() })), shorter: z.boolean() });

test(
  "how long backups are kept is shown first, lengthened by a token, and shortened by two people",
  patient,
  async () => {
    await controlPool().query(
      `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at)
     SELECT $1, 'app', 'good', n || '.dump', 'x', now() - make_interval(days => n) FROM (VALUES (40), (1)) AS one (n)`,
      [id],
    );
    await controlPool().query(
      "INSERT INTO backup_retentions (database_id, keep_days, reason) VALUES ($1, 50, 'First')",
      [id],
    );
    const shorter = await json(planned, ["backup", "keep", name, "--days", "30"], { token });
    expect(shorter).toMatchObject({ shorter: true, goes: [expect.anything()] });
    const set = (days: string, hash: string) =>
      caretaker(["backup", "keep", name, "--days", days, "--plan", hash, "--reason", "Our terms"], { token });
    expect(await set("30", shorter.hash)).toMatchObject({ code: 3, stderr: expect.stringContaining("second person") });
    const longer = await json(planned, ["backup", "keep", name, "--days", "90"], { token });
    expect(longer).toMatchObject({ shorter: false, goes: [] });
    expect(await set("90", longer.hash)).toMatchObject({ code: 0, stdout: expect.stringContaining("for 90 days") });
    await controlPool().query("UPDATE databases SET released_at = now() WHERE id = $1", [id]);
    const left = await json(planned, ["backup", "keep", id, "--days", "30"], { token });
    expect(left).toMatchObject({ shorter: true, goes: [expect.anything()] });
  },
);
