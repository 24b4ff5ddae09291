import { createHash } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { canonicalLinesSql } from "../proof/canonical.ts";
import { type ExportPart, exportRequest } from "./contract.ts";
import { openExport, openExportByLink } from "./download.ts";
import { issueExportLink } from "./links.ts";
import { requestExport } from "./request.ts";
import { runExport } from "./run.ts";

let app: Adopted;
let admin: Person;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-beside-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await app.client.query("INSERT INTO notes VALUES (1, '=1+1'), (2, 'two'), (3, NULL)");
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

/** Runs the export here; `between` is done when the file is written and the one beside it is not begun. */
async function exported(input: object, between: () => Promise<unknown> = async () => {}): Promise<string> {
  const request = exportRequest.parse({ query: `database=${app.id}`, ...input });
  const { jobId } = await requestExport(admin.actor, request);
  const job = passing(jobId, admin.actor, new AbortController().signal, pino({ level: "silent" }));
  await runExport.run({
    ...job,
    input: { exportId: jobId, withNdjson: request.withNdjson },
    async step(name, work) {
      const receipt = await job.step(name, work);
      if (name === "Close the file") await between();
      return receipt;
    },
  });
  return jobId;
}

async function textOf({ body }: { body: AsyncIterable<Uint8Array> }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("beside a CSV file lies NDJSON that loses nothing, of the very same entries, with a manifest of its own", async () => {
  const { rows } = await app.client.query<{ line: string }>(
    canonicalLinesSql("caretaker.audit_logs ORDER BY created_at, audit_logs.id"),
  );
  const id = await exported({ format: "csv", withNdjson: true }, () =>
    app.client.query("INSERT INTO notes VALUES (4, 'committed between the two')"),
  );
  const part = async (name: ExportPart) => textOf(await openExport(admin.actor, { id, part: name }));
  const [csv, ndjson] = [await part("data"), await part("ndjson")];
  expect(csv.split("\n").filter((line) => /^\d/.test(line))).toHaveLength(rows.length);
  expect(ndjson.split("\n").filter((line) => line.startsWith('{"id"'))).toEqual(rows.map(({ line }) => line));
  const [main, beside] = [JSON.parse(await part("manifest")), JSON.parse(await part("ndjson-manifest"))];
  expect(main).toMatchObject({ format: "csv", lossless: false, rows: String(rows.length), sha256: sha256(csv) });
  expect(beside).toMatchObject({ format: "ndjson", lossless: true, rows: main.rows, sha256: sha256(ndjson) });
  expect(main.beside).toEqual({ file: beside.file, bytes: Buffer.byteLength(ndjson), sha256: sha256(ndjson) });
  expect(beside.databases).toEqual(main.databases);
  const stored = (await objectStore().list(`exports/${id}/`)).map(({ key }) => key.split("/").at(-1));
  expect(stored.toSorted()).toEqual(
    [main.file, beside.file].flatMap((file) => [file, `${file}.manifest.json`]).toSorted(),
  );
  const { url } = await issueExportLink(admin.actor, { id, hours: 1, note: "The auditor" });
  const token = new URL(url).pathname.split("/").at(-1) ?? "";
  const visit = { ip: null, userAgent: null, requestId: "r" };
  expect(await textOf(await openExportByLink(token, "ndjson", visit))).toBe(ndjson);
});

test("a CSV file alone has none, and says so", async () => {
  const id = await exported({ format: "csv" });
  const opened = openExport(admin.actor, { id, part: "ndjson" });
  await expect(opened).rejects.toMatchObject({ code: "not_found", message: expect.stringContaining("no NDJSON") });
});
