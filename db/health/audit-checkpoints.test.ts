import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { undeliveredSeconds } from "../audit/proof/places/contract.ts";
import { deliverDue } from "../audit/proof/places/deliver-due.ts";
import { addPlace, removePlace } from "../audit/proof/places/manage.ts";
import { sealLog } from "../audit/proof/seal.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { readFleetHealth } from "./read.ts";

const system = systemActor("test");
const signal = new AbortController().signal;
let app: Adopted;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-kept-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY)");
  await app.client.query("INSERT INTO notes VALUES (1)");
  await sealLog(system, app.id, { seconds: 0 });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true, force: true });
});

async function found() {
  const { databases } = await readFleetHealth(system, { database: app.id });
  return databases[0]?.checks.find(({ id }) => id === "audit-checkpoints");
}

const signedAgo = (seconds: number) =>
  controlPool().query("UPDATE seal_checkpoints SET signed_at = now() - make_interval(secs => $1)", [seconds]);

test("a place that takes no checkpoint is a warning after a while and then critical, with what is in the way", async () => {
  expect(await found()).toMatchObject({ verdict: "neutral" });
  const { actor } = await person("administrator", "Ada");
  const gone = await addPlace(actor, { kind: "folder", name: "Safe", folder: join(folder, "gone") });
  await deliverDue(signal);
  expect(await found()).toMatchObject({ verdict: "good" });
  await signedAgo(undeliveredSeconds.warning + 60);
  expect(await found()).toMatchObject({
    verdict: "warning",
    finding: "Safe has had no checkpoint of this log for 16 minutes.",
    fix: expect.stringContaining("is not there"),
  });
  await signedAgo(undeliveredSeconds.critical);
  expect(await found()).toMatchObject({ verdict: "critical" });
  await addPlace(actor, { kind: "folder", name: "There", folder });
  await deliverDue(signal);
  const rows = (await found())?.evidence?.rows.map(([name]) => name);
  expect(rows).toEqual(["Safe"]);
  await removePlace(actor, gone);
  expect(await found()).toMatchObject({ verdict: "good", finding: "What was signed is kept elsewhere as well." });
});
