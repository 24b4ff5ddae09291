import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, controlPool } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { s3Store } from "../../../objects/s3-store.ts";
import { s3Server } from "../../../objects/testing/s3-server.ts";
import { type Adopted, adoptedDatabase } from "../../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../../testing/audit.ts";
import { freshControl } from "../../../testing/databases.ts";
import { type Person, person } from "../../../testing/people.ts";
import { lastCheckpoint } from "../checkpoints.ts";
import { keyOf } from "../publish.ts";
import { sealLog } from "../seal.ts";
import { verifyLog } from "../verify-log.ts";
import { addPlaceInput } from "./contract.ts";
import { deliverDue } from "./deliver-due.ts";
import { keptCheckpoints } from "./kept.ts";
import { listPlaces, readPlace } from "./list.ts";
import { addPlace, removePlace } from "./manage.ts";

let admin: Person;
let compliance: Person;
let app: Adopted;
let folder: string;
let written = 0;
const signal = new AbortController().signal;

/** A receiver on this machine that answers what it is told to. */
const received: { headers: IncomingMessage["headers"]; body: string }[] = [];
let answer = 204;
const receiver = createServer(async (request, response) => {
  received.push({ headers: request.headers, body: Buffer.concat(await request.toArray()).toString() });
  response.writeHead(answer).end();
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-places-"));
  process.env.CARETAKER_DATA = join(folder, "data");
  await freshControl();
  admin = await person("administrator", "Ada");
  compliance = await person("compliance", "Cora");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

beforeEach(async () => {
  for (const { id } of await listPlaces(admin.actor)) await removePlace(admin.actor, { id });
  received.length = 0;
  answer = 204;
});

afterAll(async () => {
  receiver.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true, force: true });
});

/** One more entry and its seal; answers the checkpoint that was signed. */
async function signed(): Promise<string> {
  written += 1;
  await app.client.query("INSERT INTO notes VALUES ($1)", [written]);
  await sealLog(admin.actor, app.id, { seconds: 0 });
  return (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
}

const add = (input: object) => addPlace(admin.actor, addPlaceInput.parse({ name: "Evidence", ...input }));

function webhook() {
  const address = receiver.address() as net.AddressInfo;
  return add({ kind: "webhook", url: `http://127.0.0.1:${address.port}/in` });
}

const deliveryOf = async (id: string) =>
  (await readPlace(admin.actor, id)).deliveries.find(({ databaseId }) => databaseId === app.id);

/** What the back-off would wait for. */
const due = () => controlPool().query("UPDATE checkpoint_deliveries SET next_try_at = now()");

test("a webhook is given the newest checkpoint and then each that follows, in their order, signed and byte for byte", async () => {
  await signed();
  const before = await signed();
  const { id, secret } = await webhook();
  const after = [await signed(), await signed()];
  expect(await deliverDue(signal)).toBe(3);
  expect(await deliverDue(signal)).toBe(0);
  expect(received.map(({ body }) => body)).toEqual([before, ...after]);
  const key = Buffer.from((secret ?? "").slice("whsec_".length), "base64");
  for (const { headers, body } of received) {
    const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(text).digest("base64")}`);
  }
  expect(await readPlace(admin.actor, id)).toMatchObject({ standing: "flowing", kind: "webhook" });
  expect(await deliveryOf(id)).toMatchObject({ delivered: "3", size: written, waiting: 0, behindSince: null });
});

test("a receiver that refuses is asked again later, loses nothing, and holds up neither the sealer nor another place", async () => {
  const { id } = await webhook();
  await mkdir(join(folder, "beside"), { recursive: true });
  const beside = await add({ kind: "folder", folder: join(folder, "beside"), name: "Beside" });
  await deliverDue(signal);
  received.length = 0;
  answer = 503;
  // As if it had failed for a while: the next try is some minutes away.
  await controlPool().query("UPDATE checkpoint_deliveries SET failures = 8 WHERE place_id = $1", [id]);
  const first = await signed();
  await deliverDue(signal);
  const second = await signed();
  await deliverDue(signal);
  expect(received).toHaveLength(1);
  expect(await readPlace(admin.actor, id)).toMatchObject({ standing: "failing" });
  expect(await deliveryOf(id)).toMatchObject({
    waiting: 2,
    failures: 9,
    error: expect.stringContaining("503"),
    behindSince: expect.any(String),
  });
  expect(await deliveryOf(beside.id)).toMatchObject({ waiting: 0, failures: 0, size: written });
  answer = 200;
  await due();
  expect(await deliverDue(signal)).toBe(2);
  expect(received.map(({ body }) => body)).toEqual([first, first, second]);
  expect(received[0]?.headers["webhook-id"]).toBe(received[1]?.headers["webhook-id"]);
  expect(await readPlace(admin.actor, id)).toMatchObject({ standing: "flowing" });
});

test("a folder that is not mounted is a failure and is never made; once it is there it gets what waited", async () => {
  const mount = join(folder, "mount");
  const { id } = await add({ kind: "folder", folder: mount });
  const note = await signed();
  await deliverDue(signal);
  await expect(readdir(mount)).rejects.toMatchObject({ code: "ENOENT" });
  expect((await deliveryOf(id))?.error).toContain("is not there");
  await mkdir(mount);
  await due();
  await deliverDue(signal);
  expect(await readFile(join(mount, keyOf(app.id, written)), "utf8")).toBe(note);
});

test("a checkpoint that is put into a bucket again changes nothing, and another one of its size is refused", async () => {
  const { place, close } = await s3Server();
  const { endpoint, credentials, ...where } = place;
  const { id } = await add({ kind: "s3", ...where, endpoint, ...credentials });
  await deliverDue(signal);
  const note = await signed();
  await deliverDue(signal);
  // As if the worker had died between the delivery and the note of it.
  await controlPool().query("UPDATE checkpoint_deliveries SET size = size - 1 WHERE place_id = $1", [id]);
  expect(await deliverDue(signal)).toBe(1);
  const store = s3Store(place);
  expect((await store.list(keyOf(app.id, written))).length).toBe(1);
  const next = keyOf(app.id, written + 1);
  await store.putText(next, "of another tree");
  await signed();
  await deliverDue(signal);
  expect((await deliveryOf(id))?.error).toContain("Other content is already stored");
  await store.remove(next);
  await due();
  expect(await deliverDue(signal)).toBe(1);
  expect((await keptCheckpoints(app.id)).notes).toContain(note);
  await close();
});

test("a log that was rebuilt is found out by what a folder or a bucket has of before; a place that cannot be read is named", async () => {
  const kept = join(folder, "kept");
  await mkdir(kept);
  const { id } = await add({ kind: "folder", folder: kept });
  await deliverDue(signal);
  await signed();
  await deliverDue(signal);
  const verdict = async () => verifyLog(admin.actor, app.id, { published: (await keptCheckpoints(app.id)).notes });
  expect(await verdict()).toMatchObject({ verdict: "good" });
  for (const table of ["seal_tiles", "seal_checkpoints", "sealed_logs"])
    await controlPool().query(`DELETE FROM ${table} WHERE database_id = $1`, [app.id]);
  await signed();
  const { findings } = await verdict();
  expect(findings.map(({ kind }) => kind)).toEqual(["forked", "forked"]);
  // As long as the new log is shorter than the old one was, nobody is told that everything was delivered.
  await controlPool().query("UPDATE checkpoint_deliveries SET size = size + 100 WHERE place_id = $1", [id]);
  await due();
  await deliverDue(signal);
  expect((await deliveryOf(id))?.error).toContain("begun anew");
  await rm(kept, { recursive: true });
  expect((await keptCheckpoints(app.id)).unread).toEqual([
    expect.stringMatching(/^The checkpoints in Evidence were not compared: The folder .* is not there\./),
  ]);
});

test("places are added and removed by administrators alone, and each is an entry of the log without its secret", async () => {
  const input = { kind: "webhook", name: "X", url: "https://example.com" };
  await expect(addPlace(compliance.actor, addPlaceInput.parse(input))).rejects.toMatchObject({ code: "forbidden" });
  const from = await newestEntry();
  const { id, secret } = await webhook();
  await expect(removePlace(compliance.actor, { id })).rejects.toMatchObject({ code: "forbidden" });
  await removePlace(admin.actor, { id });
  await expect(removePlace(admin.actor, { id })).rejects.toMatchObject({ code: "not_found" });
  expect(await auditedSince(from)).toEqual([
    { action: "create", table: "checkpoint_places", by: admin.id },
    { action: "update", table: "checkpoint_places", by: admin.id },
  ]);
  const { rows } = await controlPool().query<{ found: boolean }>(
    "SELECT bool_or(strpos(audit_logs::text, $1) > 0 OR audit_logs::text LIKE '%v1.%.%.%') AS found FROM caretaker.audit_logs WHERE resource_type = 'checkpoint_places'",
    [secret],
  );
  expect(rows).toEqual([{ found: false }]);
});

test("a place is never reached outside the allowed networks, and its address is checked when it is given", async () => {
  const { id } = await add({ kind: "webhook", url: "http://10.0.0.1/in" });
  await signed();
  await deliverDue(signal);
  expect((await deliveryOf(id))?.error).toContain("outside the networks");
  for (const wrong of [
    { kind: "folder", folder: "evidence" },
    { kind: "webhook", url: "https://ada:secret@example.com" },
    { kind: "s3", bucket: "A B" },
  ])
    expect(addPlaceInput.safeParse({ name: "X", ...wrong }).success).toBe(false);
});
