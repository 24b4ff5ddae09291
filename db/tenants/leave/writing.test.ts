import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { JobProgress } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { writeDump } from "./dump.ts";
import { writeNdjson } from "./export.ts";
import { listPapers, openPaper } from "./papers.ts";
import { livingTenant } from "./tables.ts";
import { awkward, openStage, type Stage } from "./testing.ts";

let stage: Stage;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-writing-"));
  stage = await openStage();
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

const formats = [
  ["NDJSON", writeNdjson],
  ["a dump", writeDump],
] as const;
const all = 2 * awkward.length + 1;

test.each(formats)(
  "%s is written as the tenant was at one moment, and tells of every row on the way",
  async (_, write) => {
    const { id, key } = await stage.tenantIn("shared", `At one moment ${write.name}`);
    const told: JobProgress[] = [];
    const progress = async (now: JobProgress) => {
      if (told.length === 0) {
        await stage.shop.client.query(`INSERT INTO "My App".orders ("orgId", note) VALUES ($1, 'came later')`, [key]);
      }
      told.push(now);
    };
    const stored = await write(
      { actor: stage.ada.actor, progress, signal: new AbortController().signal },
      await livingTenant(id),
    );
    expect(stored.rows).toBe(all);
    let text = "";
    for await (const chunk of objectStore().read(stored.object)) text += Buffer.from(chunk).toString();
    expect(text).not.toContain("came later");
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(told.at(-1)).toEqual({ done: all, total: all, unit: "rows", line: "My App.orders" });
  },
);

test.each(formats)("cancelled on the way, %s leaves no file behind", async (_, write) => {
  const { id } = await stage.tenantIn("shared", `Cancelled ${write.name}`);
  const progress = async ({ done }: JobProgress) => {
    if (done > 3) throw new Error("It was cancelled.");
  };
  const tenant = await livingTenant(id);
  await expect(
    write({ actor: stage.ada.actor, progress, signal: new AbortController().signal }, tenant),
  ).rejects.toThrow("It was cancelled.");
  expect(await objectStore().list(`tenants/${id}`)).toEqual([]);
  expect(await readdir(join(process.env.CARETAKER_DATA ?? "", "tenants"))).toEqual([]);
});

test("who downloads a tenant's file is in the console's log", async () => {
  const { id } = await stage.tenantIn("shared", "Downloaded");
  await stage.export(id, "dump");
  const [paper] = await listPapers(stage.ada.actor, id);
  expect(paper).toMatchObject({ kind: "export", rows: String(all), facts: { format: "dump" } });
  await openPaper(stage.ada.actor, { id: paper?.id ?? "" });
  const { rows } = await controlPool().query(
    "SELECT user_id, metadata->>'kind' AS kind FROM caretaker.audit_logs WHERE action = 'download' AND resource_type = 'tenant_papers' AND resource_id = $1",
    [paper?.id],
  );
  expect(rows).toEqual([{ user_id: stage.ada.actor.staffId, kind: "export" }]);
});
