import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { archiveOf } from "../archive/registry.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { moveMonth } from "../archive/testing/move.ts";
import type { AuditEntry } from "../contract.ts";
import { searchAudit } from "../search.ts";
import { readCold } from "./read.ts";
import { readColdEntry } from "./read-entry.ts";
import { coldScope, searchCold } from "./search.ts";

// Months are written, read and searched.

const months = ["2025-11", "2025-12"];
const actor = systemActor("test");
const everything: AuditEntry[] = [];
let app: Adopted;
let hot: Map<string, AuditEntry[]>;

// Each part of the language at least once, alone, negated and together.
const queries = [
  "",
  "action:delete",
  "action:delete,login -tenant:tenant-1",
  "action:up*",
  "table:orders record:17",
  "schema:none",
  "actor:none",
  "actor:user-3",
  "actor:user-1*",
  "-actor:none action:create",
  "tenant:tenant-2,tenant-3",
  "at:2025-12-05..2025-12-10",
  "at:..2025-11-20",
  "changed:active",
  "changed:act*",
  "-changed:active",
  "old.active:true",
  "old.active:false",
  "old.note:null",
  "old.missing:none",
  "old.name:Zo*",
  "old.id:5",
  "old.id:100..110",
  "old.email:person9@example.com",
  "old.email:person1..person2",
  "new.active:false",
  "new.active:true",
  "new.id:20",
  "new.tags:none",
  "new.email:person9@example.com action:update",
  "value:person13@",
  "value:zoë",
  'value:"100%"',
  "ip:10.0.0.0/8",
  "ip:10.0.0.1",
  "ip:2001:db8::/32",
  "ip:none",
  "ip:10.0.0.0..10.0.0.255",
  "-ip:10.0.0.0/8",
  "request:request-9",
  "tx:1005,1009",
  "-tx:1005",
  'reason:"ticket 3"',
  "reason:none",
  "role:app",
  "app:web",
  "agent:none",
  "agent:quo*",
  "42",
  "tenant-4",
  "request-33 -action:login",
];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-cold-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  for (const month of months) await fillMonth(app.client, month, 400);
  hot = new Map();
  for (const q of queries) hot.set(q, (await searchAudit(actor, { database: app.id, q }, null, 2_000)).rows);
  everything.push(...(hot.get("") ?? []));
  for (const month of months) await moveMonth(actor, "audit.archive", app.id, month);
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

/** An entry as it stands in its month's file. */
const asArchived = (entry: AuditEntry) => ({ ...entry, archived: entry.at.slice(0, 7) });

const options = { cursor: null, signal: new AbortController().signal, onProgress: () => {} };
const filter = (q: string) => ({ database: app.id, q });

describe("a search of archived months", () => {
  test.each(queries)("answers %j as the log did", async (q) => {
    const expected = hot
      .get(q)
      ?.filter(({ at }) => at < "2026")
      .map(asArchived);
    const { rows } = await searchCold(actor, filter(q), { ...options, limit: 2_000 });
    expect(rows).toEqual(expected);
  });

  test("asked something of nearly every query", () => {
    const empty = queries.filter((q) => hot.get(q)?.filter(({ at }) => at < "2026").length === 0);
    expect(empty).toEqual(["old.active:false", 'value:"100%"']);
  });

  test("gives pages that neither repeat nor lose an entry, across months", async () => {
    const seen: AuditEntry[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof searchCold>> = await searchCold(actor, filter("action:delete"), {
        ...options,
        cursor,
        limit: 37,
      });
      seen.push(...page.rows);
      cursor = page.next;
    } while (cursor);
    const deleted = everything.filter(({ action, at }) => action === "delete" && at < "2026");
    expect(seen).toEqual(deleted.map(asArchived));
  });

  test("says which months there are to search, and leaves out those that cannot hold an answer", async () => {
    const scope = (q: string) => coldScope(actor, filter(q));
    expect(await scope("")).toMatchObject({ files: 2, from: "2025-11", to: "2025-12", entries: "800" });
    expect(await scope("at:2025-12-03..")).toMatchObject({ files: 1, from: "2025-12" });
    expect(await scope("tenant:nobody")).toMatchObject({ files: 0 });
    expect(await scope("at:2026-02..")).toMatchObject({ files: 0, from: null });
  });

  test("reports progress and ends when it is cancelled", async () => {
    const seen: number[] = [];
    await searchCold(actor, filter(""), { ...options, limit: 2_000, onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([0, 1, 2]);
    const leaving = new AbortController();
    const cancelled = searchCold(actor, filter(""), {
      ...options,
      signal: leaving.signal,
      onProgress: () => leaving.abort(new Error("the reader left")),
    });
    await expect(cancelled).rejects.toThrow("the reader left");
  });

  test("gives one entry whole, with its transaction", async () => {
    const [update] = everything.filter(({ action, at }) => action === "update" && at < "2026");
    const found = await readColdEntry(actor, app.id, update?.id ?? "");
    expect(found).toMatchObject({ ...update, after: expect.stringContaining('"active": false') });
    expect(found?.siblings.length).toBeGreaterThan(1);
    expect(await readColdEntry(actor, app.id, "1")).toBeNull();
  });

  test("is recorded for a role whose reading is, once a search", async () => {
    const { actor: support } = await person("support");
    const before = await newestEntry();
    const { next } = await readCold(support, filter("action:delete"), { ...options, limit: 5 });
    await readCold(support, filter("action:delete"), { ...options, limit: 5, cursor: next });
    const acts = (await auditedSince(before)).filter(({ action }) => action === "search_archive");
    expect(acts).toEqual([{ action: "search_archive", table: "audit_logs", by: support.staffId }]);
  });

  test("is not for somebody who may not read the log", async () => {
    const { actor: support } = await person("support");
    await expect(coldScope(support, filter(""))).resolves.toBeDefined();
    await expect(searchCold({ ...support }, filter(""), options)).rejects.toThrow("session layer");
  });

  test("names a file that is not what was stored instead of answering from it", async () => {
    const archive = await archiveOf(app.id, "2025-11");
    const file = objectStore().fileOf(archive?.key ?? "") ?? "";
    const bytes = await readFile(file);
    await writeFile(file, Buffer.concat([bytes.subarray(0, 100), Buffer.from("x"), bytes.subarray(101)]));
    const { rows, silent } = await searchCold(actor, filter("action:login"), { ...options, limit: 2_000 });
    expect(silent).toMatchObject([
      { name: expect.stringContaining("2025-11"), reason: expect.stringContaining("SHA-256") },
    ]);
    expect(rows.every(({ at }) => at.startsWith("2025-12"))).toBe(true);
    await writeFile(file, bytes);
  });
});
