import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { exportRequest } from "./contract.ts";
import { openExport, openExportByLink } from "./download.ts";
import { exportJobs, sweepExports } from "./jobs.ts";
import { issueExportLink, revokeExportLink } from "./links.ts";
import { listExports, readExport } from "./list.ts";
import { partFolder } from "./part-file.ts";
import { requestExport } from "./request.ts";

let admin: Awaited<ReturnType<typeof person>>;
let support: Awaited<ReturnType<typeof person>>;
let id: string;
const visit = { ip: "10.9.8.7", userAgent: "reviewer", requestId: "r-1" };

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-download-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  support = await person("support", "Sue");
  const working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 50 });
  const request = exportRequest.parse({ query: "database=console", format: "csv" });
  id = (await requestExport(admin.actor, request)).jobId;
  await vi.waitUntil(async () => (await readExport(admin.actor, id)).state === "ready", { timeout: 30_000 });
  await working.stop();
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function textOf({ body }: { body: AsyncIterable<Uint8Array> }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const tokenOf = (url: string) => new URL(url).pathname.split("/").at(-1) ?? "";

test("whoever may export downloads the file and its manifest, and each time it is recorded", async () => {
  const from = await newestEntry();
  const opened = await openExport(admin.actor, { id, part: "data" });
  const text = await textOf(opened);
  expect(text.length).toBe(opened.bytes);
  const manifest = JSON.parse(await textOf(await openExport(admin.actor, { id, part: "manifest" })));
  expect(manifest).toMatchObject({ export: id, sha256: opened.sha256, file: opened.name });
  expect(await auditedSince(from)).toEqual([
    { action: "export-downloaded", table: "audit_exports", by: admin.id },
    { action: "export-downloaded", table: "audit_exports", by: admin.id },
  ]);
  await expect(openExport(support.actor, { id, part: "data" })).rejects.toMatchObject({ code: "forbidden" });
});

test("a link serves who has no account until it is revoked or expires, and can be issued again", async () => {
  const { url, linkId } = await issueExportLink(admin.actor, { id, hours: 24, note: "The auditor" });
  const from = await newestEntry();
  expect(await textOf(await openExportByLink(tokenOf(url), "data", visit))).toContain("#end export=");
  const [act] = await auditedSince(from);
  expect(act).toEqual({ action: "export-downloaded", table: "audit_exports", by: "export link" });
  await revokeExportLink(admin.actor, { linkId });
  await expect(openExportByLink(tokenOf(url), "data", visit)).rejects.toMatchObject({ code: "not_found" });
  const again = await issueExportLink(admin.actor, { id, hours: 1, note: "The auditor, again" });
  await controlPool().query("UPDATE audit_export_links SET expires_at = now() WHERE id = $1", [again.linkId]);
  await expect(openExportByLink(tokenOf(again.url), "data", visit)).rejects.toMatchObject({ code: "not_found" });
  expect((await readExport(admin.actor, id)).links.map(({ state }) => state)).toEqual(["expired", "revoked"]);
  await expect(issueExportLink(support.actor, { id, hours: 1, note: "x" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(revokeExportLink(support.actor, { linkId })).rejects.toMatchObject({ code: "forbidden" });
});

test("a link's secret is nowhere in the console, its log included", async () => {
  const { url } = await issueExportLink(admin.actor, { id, hours: 1, note: "Nobody" });
  const { rows } = await controlPool().query<{ found: boolean }>(
    `SELECT bool_or(strpos(line, $1) > 0) AS found
       FROM (SELECT audit_logs::text AS line FROM caretaker.audit_logs
              UNION ALL SELECT audit_export_links::text FROM audit_export_links) AS all_of_it`,
    [tokenOf(url)],
  );
  expect(rows).toEqual([{ found: false }]);
});

test("a file that lost its end in the store is not handed out", async () => {
  const { file } = await readExport(admin.actor, id);
  const path = objectStore().fileOf(`exports/${id}/${file}`) ?? "";
  const whole = await textOf(await openExport(admin.actor, { id, part: "data" }));
  await writeFile(path, whole.slice(0, -10));
  await expect(openExport(admin.actor, { id, part: "data" })).rejects.toMatchObject({ code: "not_found" });
  await writeFile(path, whole);
});

async function cameToNothing(): Promise<string> {
  const { jobId } = await requestExport(admin.actor, exportRequest.parse({ query: "database=console", format: "csv" }));
  await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE id = $1", [jobId]);
  return jobId;
}

test("what is kept no longer goes from the store and stays in the list; leftovers go too, and what is not known stays", async () => {
  await writeFile(join(await partFolder(), `${id}.0123456789ab.part`), "left behind");
  const failed = await cameToNothing();
  await objectStore().putText(`exports/${failed}/audit.csv`, "stored before it failed");
  // Of another console that shares the store, or of this one before it was restored from an older backup.
  const unknown = `exports/${randomUUID()}/audit.csv`;
  await objectStore().putText(unknown, "somebody's");
  await controlPool().query("UPDATE audit_exports SET expires_at = now() WHERE id = $1", [id]);
  await expect(openExport(admin.actor, { id, part: "data" })).rejects.toMatchObject({ code: "not_found" });
  await sweepExports.run(passing("t", systemActor("test"), new AbortController().signal, pino({ level: "silent" })));
  expect((await objectStore().list("exports/")).map(({ key }) => key)).toEqual([unknown]);
  expect((await listExports(support.actor)).rows).toContainEqual(expect.objectContaining({ id, state: "expired" }));
  const { sweepParts } = await import("./sweep.ts");
  expect(await sweepParts(0)).toEqual([`${id}.0123456789ab.part`]);
  expect(await readdir(await partFolder())).toEqual([]);
});
