import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import type { ErasureInput } from "./contract.ts";
import { eraseValues, planErasure } from "./erase.ts";
import { eraseJob } from "./erase-job.ts";
import { isDestroyed, saltsOf } from "./salts.ts";
import { sealLog } from "./seal.ts";
import { agreeToErase } from "./testing/erase.ts";
import { leafTiles } from "./tiles.ts";
import { verifyLog } from "./verify-log.ts";

const silent = pino({ level: "silent" });

let admin: Person;
let officer: Person;
let app: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  app = await adoptedDatabase("CREATE TABLE people (id bigint PRIMARY KEY, email text, plan text)");
  await app.client.query("INSERT INTO people SELECT n, n || '@example.com', 'free' FROM generate_series(1, 300) n");
  await app.client.query("UPDATE people SET email = 'new-' || email WHERE id IN (7, 8)");
  await app.client.query("DELETE FROM people WHERE id = 7");
  await sealLog(admin.actor, app.id, { seconds: 0 });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const input = (): ErasureInput => ({
  databaseId: app.id,
  subject: { kind: "records", schema: "public", table: "people", records: ["7"], columns: ["email"] },
});

describe("erasing a person's values", () => {
  test("needs the capability, the plan, and a second person", async () => {
    const support = await person("support");
    await expect(planErasure(support.actor, input())).rejects.toMatchObject({ code: "forbidden" });
    await expect(eraseValues(support.actor, input(), {})).rejects.toMatchObject({ code: "forbidden" });
    const { hash, subject, entries } = await planErasure(admin.actor, input());
    expect(entries).toBe(3);
    await expect(eraseValues(admin.actor, input(), { planHash: "other" })).rejects.toMatchObject({
      code: "stale_plan",
    });
    await expect(
      eraseValues(admin.actor, input(), { planHash: hash, typed: subject, reason: "x" }),
    ).rejects.toMatchObject({ code: "approval" });
  });

  test("takes the values out of every copy, destroys the salts, and everything still verifies", async () => {
    const jobId = await agreeToErase(admin, officer, input());
    expect(await verifyLog(admin.actor, app.id)).toMatchObject({ verdict: "good", erased: 3 });
    const { rows: jobs } = await controlPool().query("SELECT input FROM jobs WHERE id = $1", [jobId]);
    const job = passing(jobId, admin.actor, new AbortController().signal, silent);
    for (const _again of [1, 2]) await eraseJob.run({ ...job, input: jobs[0].input });
    const { rows } = await app.client.query<{ old: string; new: string; changes: string }>(
      `SELECT old_values ->> 'email' AS old, new_values ->> 'email' AS new, changes ->> 'email' AS changes
         FROM caretaker.audit_logs WHERE resource_id = '7' ORDER BY id`,
    );
    expect(rows).toEqual([
      { old: null, new: "erased", changes: null },
      { old: "erased", new: null, changes: "erased" },
      { old: "erased", new: null, changes: null },
    ]);
    const { rows: traces } = await app.client.query(
      "SELECT FROM caretaker.audit_logs WHERE resource_id = '7' AND audit_logs::text LIKE '%7@example.com%'",
    );
    expect(traces).toHaveLength(0);
    await sealLog(admin.actor, app.id, { seconds: 0 });
    expect(await verifyLog(admin.actor, app.id)).toMatchObject({ verdict: "good", erased: 3, entries: 304 });
    const destroyed: number[] = [];
    for await (const tile of leafTiles(controlPool(), app.id, 304)) {
      const salts = saltsOf(tile.salts ?? { seed: null, spelt: null });
      for (let place = 0; place < 256; place++) if (isDestroyed(salts, place)) destroyed.push(place);
    }
    expect(destroyed).toHaveLength(3);
    const { rows: own } = await app.client.query(
      "SELECT metadata FROM caretaker.audit_logs WHERE action = 'erase' AND resource_id = $1",
      [jobId],
    );
    expect(own).toMatchObject([{ metadata: { subject: "public.people 7", columns: ["email"], entries: 3 } }]);
  });

  test("leaves the log append-only for everything else, also while it runs", async () => {
    await app.client.query("BEGIN");
    await app.client.query("SET LOCAL caretaker.erasing = 'on'");
    for (const sql of ["UPDATE caretaker.audit_logs SET user_id = 'x'", "DELETE FROM caretaker.audit_logs"]) {
      await app.client.query("SAVEPOINT one");
      await expect(app.client.query(sql)).rejects.toThrow(/append-only/);
      await app.client.query("ROLLBACK TO SAVEPOINT one");
    }
    await app.client.query("ROLLBACK");
  });
});
