import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { checkIsolation } from "./isolation-check.ts";
import { adopt, foreignDatabase, query, schemaText } from "./testing/fleet.ts";

let administrator: Actor;
let support: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  support = (await person("support")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function secured() {
  const made = await foreignDatabase(await schemaText("signing"));
  await adopt(administrator, made.databaseId, (model) => ({
    ...model,
    applicationRole: made.role,
    tables: model.tables.map((table) => ({
      ...table,
      rowSecurity: ["Team", "OrganisationMember"].includes(table.name),
    })),
  }));
  return made;
}

test("row security is proven table by table, and the check leaves no trace", async () => {
  const { url, databaseId, role } = await secured();
  const rows = 'SELECT (SELECT count(*) FROM "Team") AS teams, (SELECT count(*) FROM caretaker.audit_logs) AS entries';
  const before = await query(url, rows);
  const report = await checkIsolation(administrator, databaseId);
  expect(report).toMatchObject({ role, proven: 2, leaking: 0 });
  const team = report.tables.find((table) => table.name === "Team");
  expect(team?.attempts.map((attempt) => attempt.outcome)).toEqual(["held", "held", "held", "held", "held", "held"]);
  expect(report.tables.find((table) => table.name === "Organisation")?.verdict).toBe("unprotected");
  expect(await query(url, rows)).toEqual(before);
});

test("a policy that admits too much is found", async () => {
  const { url, databaseId } = await secured();
  await query(url, 'CREATE POLICY too_wide ON "Team" FOR SELECT USING (true)');
  const report = await checkIsolation(administrator, databaseId);
  const team = report.tables.find((table) => table.name === "Team");
  expect(team).toMatchObject({ verdict: "leaks" });
  expect(team?.detail).toContain("read another tenant's rows");
});

test("row security that somebody switched off is found", async () => {
  const { url, databaseId } = await secured();
  await query(url, 'ALTER TABLE "OrganisationMember" DISABLE ROW LEVEL SECURITY');
  const report = await checkIsolation(administrator, databaseId);
  const attempts = report.tables.find((table) => table.name === "OrganisationMember")?.attempts ?? [];
  expect(attempts.filter((attempt) => attempt.outcome === "leaked").length).toBeGreaterThanOrEqual(5);
});

test("support may not run it", async () => {
  const { databaseId } = await foreignDatabase("CREATE TABLE tenants (id uuid PRIMARY KEY)");
  await expect(checkIsolation(support, databaseId)).rejects.toMatchObject({ code: "forbidden" });
});
