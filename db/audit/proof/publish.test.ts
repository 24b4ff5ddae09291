import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import { forgetPublished, publishCheckpoints, publishedCheckpoints } from "./publish.ts";
import { sealLog } from "./seal.ts";
import { verifyLog } from "./verify-log.ts";

let admin: Person;
let app: Adopted;
const folder = await mkdtemp(join(tmpdir(), "caretaker-publish-"));

beforeAll(async () => {
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY)");
  await app.client.query("INSERT INTO notes SELECT generate_series(1, 10)");
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true, force: true });
});

/** Seals the log and publishes what was signed. */
async function sealed(): Promise<number> {
  await sealLog(admin.actor, app.id, { seconds: 0 });
  return publishCheckpoints(admin.actor, app.id);
}

/** As when a control database is made anew: the tree has other salts, and so other roots. */
async function beginAnew(): Promise<void> {
  for (const table of ["seal_tiles", "seal_checkpoints", "sealed_logs"])
    await controlPool().query(`DELETE FROM ${table} WHERE database_id = $1`, [app.id]);
}

test("a checkpoint is published once, and never over another of the same size", async () => {
  expect(await sealed()).toBe(1);
  expect(await sealed()).toBe(0);
  expect(await publishedCheckpoints(app.id)).toEqual([(await lastCheckpoint(controlPool(), app.id))?.note]);
  await beginAnew();
  await expect(sealed()).rejects.toMatchObject({ code: "conflict" });
});

test("a log that begins anew under the name of one that is gone publishes again once that one's are forgotten", async () => {
  await objectStore().putText("checkpoints/another/000000000000010.txt", "stays");
  await forgetPublished(objectStore(), app.id);
  expect(await sealed()).toBe(1);
  expect(await publishedCheckpoints(app.id)).toEqual([(await lastCheckpoint(controlPool(), app.id))?.note]);
  expect(await publishedCheckpoints("another")).toEqual(["stays"]);
});

test("a log that was rebuilt is found out by what was published before, however many it has published since", async () => {
  const eachMax = 3;
  const verdict = async () =>
    verifyLog(admin.actor, app.id, { published: await publishedCheckpoints(app.id, objectStore(), eachMax) });
  const grow = async (from: number, times: number) => {
    for (let at = 0; at < times; at++) {
      await app.client.query("INSERT INTO notes VALUES ($1)", [from + at]);
      await sealed();
    }
  };
  await grow(100, 8);
  expect(await verdict()).toMatchObject({ verdict: "good" });
  await beginAnew();
  await app.client.query("INSERT INTO notes VALUES (200)");
  await grow(201, 2 * eachMax);
  const found = await verdict();
  expect(found).toMatchObject({ verdict: "bad" });
  expect(found.findings[0]).toMatchObject({ kind: "forked", message: expect.stringContaining("another tree") });
});

test("a published checkpoint that the console does not know any more is among those that a log is compared with", async () => {
  await forgetPublished(objectStore(), app.id);
  await beginAnew();
  for (let at = 0; at < 9; at++) {
    await app.client.query("INSERT INTO notes VALUES ($1)", [300 + at]);
    await sealed();
  }
  const { rows } = await controlPool().query<{ size: number }>(
    `SELECT size::float8 AS size FROM seal_checkpoints WHERE database_id = $1 ORDER BY size OFFSET 4 LIMIT 1`,
    [app.id],
  );
  await controlPool().query("DELETE FROM seal_checkpoints WHERE database_id = $1 AND size = $2", [
    app.id,
    rows[0]?.size,
  ]);
  const sizes = (await publishedCheckpoints(app.id, objectStore(), 2)).map((note) => note.split("\n")[1]);
  expect(sizes).toContain(String(rows[0]?.size));
});
