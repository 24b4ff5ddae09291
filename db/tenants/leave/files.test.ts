import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { requestCancel } from "../../jobs/cancel.ts";
import { objectStore } from "../../objects/configured.ts";
import { queued } from "../make/testing.ts";
import { suspendNamed } from "../testing.ts";
import { exportTenant } from "./export.ts";
import { listPapers, openPaper } from "./papers.ts";
import { leaveTenant, planLeave } from "./plan.ts";
import { removeFile } from "./remove-file.ts";
import { type Leaver, openStage, type Stage } from "./testing.ts";

let stage: Stage;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-leave-"));
  stage = await openStage();
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

async function exported(name: string): Promise<Leaver & { paper: string }> {
  const leaver = await stage.tenantIn("shared", name);
  await stage.export(leaver.id);
  await suspendNamed(stage.ada.actor, { tenantId: leaver.id, reason: "leaving" });
  const [paper] = await listPapers(stage.ada.actor, leaver.id);
  return { ...leaver, paper: paper?.id ?? "" };
}

async function saysOfFiles(tenantId: string, how: "archive" | "delete"): Promise<string | undefined> {
  const { problems } = await planLeave(stage.ada.actor, { tenantId, how });
  return problems.find(({ subject }) => subject.startsWith("1 file of"))?.message;
}

test("a deleted tenant keeps no file, neither an export nor what a killed attempt had stored", async () => {
  const { id, paper } = await exported("Deleted with files");
  const other = await exported("Keeps its file");
  const store = objectStore();
  await store.putText(`tenants/${id}-000000000000.sql`, "nobody knows of it");
  expect(await saysOfFiles(id, "delete")).toContain("removed with it");
  await stage.leave(id, "delete");
  expect(await store.list(`tenants/${id}`)).toEqual([]);
  const papers = await listPapers(stage.ada.actor, id);
  expect(papers.map(({ kind }) => kind)).toEqual(["certificate"]);
  expect(papers[0]?.facts).toMatchObject({ removedFiles: [{ id: paper, kind: "export" }], stillHeldBy: { files: [] } });
  await expect(openPaper(stage.ada.actor, { id: paper })).rejects.toMatchObject({ code: "not_found" });
  expect(await store.list(`tenants/${other.id}`)).toHaveLength(1);
});

test("killed while its files are removed, a deletion names them all the same", async () => {
  const { id, paper } = await exported("Killed at its files");
  const receipts = new Map();
  const dies = (step: string, when: string): boolean => step === "remove its files" && when === "after";
  await expect(stage.leave(id, "delete", dies, receipts)).rejects.toThrow();
  await stage.leave(id, "delete", undefined, receipts);
  const [certificate] = await listPapers(stage.ada.actor, id);
  expect(certificate?.facts).toMatchObject({ removedFiles: [{ id: paper }] });
});

test("an archived tenant keeps its files, and plan and certificate say so", async () => {
  const { id, paper } = await exported("Archived with files");
  expect(await saysOfFiles(id, "archive")).toContain("stay");
  await stage.leave(id, "archive");
  const papers = await listPapers(stage.ada.actor, id);
  expect(papers.map(({ kind }) => kind).sort()).toEqual(["archive", "certificate", "export"]);
  const certificate = papers.find(({ kind }) => kind === "certificate");
  expect(certificate?.facts).toMatchObject({
    removedFiles: [],
    stillHeldBy: { files: [{ id: paper, kind: "export" }, { kind: "archive" }] },
  });
});

test("one file of an archived tenant is removed once its name is typed, and the log says which; certificates stay", async () => {
  const { id, paper } = await exported("Forgets its export");
  await stage.leave(id, "archive");
  const before = await listPapers(stage.ada.actor, id);
  const consent = { typed: "Forgets its export", reason: "asked for" };
  await expect(removeFile(stage.ada.actor, { id: paper, reason: "asked for" })).rejects.toMatchObject({
    code: "invalid",
  });
  const certificate = before.find(({ kind }) => kind === "certificate");
  await expect(removeFile(stage.ada.actor, { id: certificate?.id ?? "", ...consent })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await objectStore().list(`tenants/${id}`)).toHaveLength(2);
  await removeFile(stage.ada.actor, { id: paper, ...consent });
  expect((await listPapers(stage.ada.actor, id)).map(({ kind }) => kind).sort()).toEqual(["archive", "certificate"]);
  expect(await objectStore().list(`tenants/${id}`)).toHaveLength(1);
  await expect(openPaper(stage.ada.actor, { id: paper })).rejects.toMatchObject({ code: "not_found" });
  const { rows } = await controlPool().query(
    `SELECT metadata->>'kind' AS kind, metadata->>'sha256' AS sha256 FROM caretaker.audit_logs
      WHERE action = 'remove' AND resource_type = 'tenant_papers' AND resource_id = $1`,
    [paper],
  );
  expect(rows).toEqual([{ kind: "export", sha256: before.find((one) => one.id === paper)?.sha256 }]);
});

test("no file is removed while its tenant leaves", async () => {
  const { id, paper } = await exported("Leaves with its file");
  await queued(stage.ada.actor, "tenants.leave", { tenantId: id, how: "archive" }, randomUUID());
  const consent = { typed: "Leaves with its file", reason: "asked for" };
  await expect(removeFile(stage.ada.actor, { id: paper, ...consent })).rejects.toMatchObject({ code: "conflict" });
  expect(await objectStore().list(`tenants/${id}`)).toHaveLength(1);
});

test("a tenant is not exported while it leaves, and does not leave while it is exported", async () => {
  const { id } = await exported("One after the other");
  const leave = async () => {
    const { hash } = await planLeave(stage.ada.actor, { tenantId: id, how: "archive" });
    const consent = { planHash: hash, typed: "One after the other", reason: "it ends" };
    return await leaveTenant(stage.ada.actor, { tenantId: id, how: "archive", ...consent });
  };
  const exporting = await exportTenant(stage.ada.actor, { tenantId: id, format: "ndjson" });
  await expect(leave()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("exported") });
  await requestCancel(stage.ada.actor, exporting.jobId);
  await leave();
  await expect(exportTenant(stage.ada.actor, { tenantId: id, format: "ndjson" })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a certificate says until when backups hold the tenant", async () => {
  const { id } = await stage.tenantIn("shared", "Backed up");
  await suspendNamed(stage.ada.actor, { tenantId: id, reason: "leaving" });
  const { databaseId } = stage.shop;
  const { rows } = await controlPool().query<{ id: string }>(
    `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at, finished_at)
     SELECT $1, 'shop', 'good', 'shop.dump', 'x', at::timestamptz, at::timestamptz
       FROM unnest(ARRAY['2026-11-01T10:00:00Z', '2026-11-02T10:00:00Z']) AS at RETURNING id`,
    [databaseId],
  );
  await controlPool().query(
    "INSERT INTO backup_retentions (database_id, keep_days, reason) VALUES ($1, 90, 'Our terms')",
    [databaseId],
  );
  await stage.leave(id, "delete");
  const [certificate] = await listPapers(stage.ada.actor, id);
  expect(certificate?.facts).toMatchObject({
    stillHeldBy: {
      backups: [
        { id: rows[0]?.id, expiresAt: expect.stringMatching(/^2027-01-30T10:00:00/), stays: null },
        { id: rows[1]?.id, expiresAt: expect.stringMatching(/^2027-01-31T10:00:00/), stays: "newest" },
      ],
    },
  });
});
