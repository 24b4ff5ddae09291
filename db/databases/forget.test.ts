import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { forgetDatabase } from "./add-database.ts";
import { startAdoption } from "./apply.ts";
import { planAdoption } from "./plan.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { adoptionStatus } from "./status.ts";
import { adopt, foreignDatabase, query, schemaText } from "./testing/fleet.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

test("a database whose adoption is half applied is not forgotten before what stands is taken out", async () => {
  const { url, databaseId } = await foreignDatabase(await schemaText("signing"));
  await adopt(administrator, databaseId);
  await controlPool().query("UPDATE databases SET adopted_at = NULL, adopted_by = NULL WHERE id = $1", [databaseId]);
  expect((await adoptionStatus(administrator, databaseId)).state).toBe("interrupted");
  await expect(forgetDatabase(administrator, databaseId)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("The schema caretaker stands in"),
  });
  const jobId = await startAdoption(administrator, databaseId, {
    planHash: (await planAdoption(administrator, databaseId)).hash,
  });
  await expect(forgetDatabase(administrator, databaseId)).rejects.toThrow(/being adopted/);
  await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1", [jobId]);
  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await query(url, "SELECT FROM pg_namespace WHERE nspname = 'caretaker'")).toEqual([]);
  await forgetDatabase(administrator, databaseId);
  await expect(planRemoval(administrator, databaseId)).rejects.toMatchObject({ code: "not_found" });
});

test("a database that cannot be asked is not forgotten, and one that is gone is", async () => {
  const away = await registerDatabase("postgres://nobody@127.0.0.1:1/nowhere", { adoptedAt: null });
  await expect(forgetDatabase(administrator, away)).rejects.toMatchObject({ code: "unreachable" });
  const gone = new URL((await foreignDatabase("SELECT 1")).url);
  gone.pathname = "/no_such_database";
  await forgetDatabase(administrator, await registerDatabase(gone.href, { adoptedAt: null }));
});
