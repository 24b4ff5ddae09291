import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../actor.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { readFleetHealth } from "../../health/read.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { adopt, foreignDatabase, query, schemaText } from "../testing/fleet.ts";
import { acceptFinding, withdrawAcceptance } from "./accept.ts";
import { dueIsolationChecks } from "./jobs.ts";
import { fleetIsolation, readIsolation, readIsolationOf } from "./read.ts";
import { runIsolationCheck } from "./run.ts";

let administrator: Actor;
let support: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator", "Ada")).actor;
  support = (await person("support")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const quietly = { progress: async () => {}, signal: new AbortController().signal };

async function checkNow(databaseId: string) {
  await runIsolationCheck(administrator, databaseId, quietly);
  return readIsolation(support, databaseId);
}

/** Two tables under Caretaker's own policies; the application may use nothing else. */
async function secured() {
  const made = await foreignDatabase(await schemaText("signing"));
  await query(made.url, `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${made.role}`);
  await query(made.url, `GRANT SELECT, INSERT, UPDATE, DELETE ON "Team", "OrganisationMember" TO ${made.role}`);
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

test("row security is proven table by table, and the check leaves no trace in an audited database", async () => {
  const { url, databaseId, role } = await secured();
  const state = `SELECT (SELECT count(*) FROM "Team") AS teams, (SELECT count(*) FROM caretaker.audit_logs) AS entries,
                        (SELECT last_value FROM "Team_id_seq") AS id, (SELECT last_value FROM caretaker.entry_sequence) AS entry`;
  const before = await query(url, state);
  const { run, relations, findings } = await checkNow(databaseId);
  expect(run).toMatchObject({ state: "done", role, leaking: 0, unproven: 0, critical: 0 });
  expect(findings.filter(({ severity }) => severity === "critical")).toEqual([]);
  expect(relations.find(({ name }) => name === "Team")).toMatchObject({ verdict: "proven" });
  const team = await readIsolationOf(support, databaseId, { schema: "public", name: "Team", kind: "table" });
  expect(new Set(team?.attempts.map(({ verb }) => verb))).toEqual(
    new Set(["select", "copy out", "update", "delete", "insert", "insert returning", "upsert", "copy in", "move"]),
  );
  expect(await query(url, state)).toEqual(before);
});

test("a leak is an alarm until somebody accepts it with a reason, and comes back when it changes", async () => {
  const { url, databaseId } = await secured();
  await query(url, 'CREATE POLICY too_wide ON "Team" FOR SELECT USING (true)');
  const first = await checkNow(databaseId);
  expect(first.run).toMatchObject({ leaking: 1, critical: 1 });
  const alarm = async () => {
    const { databases } = await readFleetHealth(support, { database: databaseId });
    return databases[0]?.checks.find(({ id }) => id === "tenant-isolation");
  };
  expect(await alarm()).toMatchObject({ verdict: "critical", finding: expect.stringContaining("public.Team") });
  for (const { key, evidence } of first.findings.filter(({ severity }) => severity === "critical")) {
    await acceptFinding(administrator, { databaseId, key, evidence, reason: "Names of teams are public." });
  }
  const accepted = await readIsolation(support, databaseId);
  expect(accepted.run).toMatchObject({ leaking: 1, critical: 0 });
  expect(accepted.findings.find(({ kind }) => kind.startsWith("leak by select"))?.acceptance).toMatchObject({
    acceptedBy: "Ada",
    reason: "Names of teams are public.",
  });
  expect(await alarm()).toMatchObject({ verdict: "good" });
  expect((await checkNow(databaseId)).run).toMatchObject({ critical: 0 });

  await query(url, 'DROP POLICY too_wide ON "Team"; CREATE POLICY wider ON "Team" FOR SELECT USING (true)');
  const changed = await checkNow(databaseId);
  expect(changed.run).toMatchObject({ critical: 1 });
  expect(changed.findings.find(({ kind }) => kind.startsWith("leak by select"))).toMatchObject({
    acceptance: null,
    returned: true,
  });
  const [old] = first.findings;
  await expect(
    acceptFinding(administrator, {
      databaseId,
      key: old?.key ?? "",
      evidence: old?.evidence ?? "",
      reason: "As before.",
    }),
  ).rejects.toMatchObject({ code: "conflict" });
});

test("an acceptance can be withdrawn, and both are in the console's own log", async () => {
  const { url, databaseId } = await secured();
  await query(url, 'CREATE POLICY too_wide ON "Team" FOR SELECT USING (true)');
  const { findings } = await checkNow(databaseId);
  const [finding] = findings;
  await acceptFinding(administrator, {
    databaseId,
    key: finding?.key ?? "",
    evidence: finding?.evidence ?? "",
    reason: "For now.",
  });
  const acceptance = (await readIsolation(administrator, databaseId)).findings.find(
    (one) => one.acceptance,
  )?.acceptance;
  await withdrawAcceptance(administrator, { acceptanceId: acceptance?.id ?? "" });
  expect((await readIsolation(administrator, databaseId)).findings.every((one) => one.acceptance === null)).toBe(true);
  const { rows } = await controlPool().query(
    "SELECT action, user_id FROM caretaker.audit_logs WHERE resource_type = 'isolation_acceptances' AND resource_id = $1 ORDER BY id",
    [acceptance?.id],
  );
  expect(rows).toEqual([
    { action: "create", user_id: administrator.staffId },
    { action: "update", user_id: administrator.staffId },
  ]);
});

test("row security that somebody switched off is found by every verb", async () => {
  const { url, databaseId } = await secured();
  await query(url, 'ALTER TABLE "OrganisationMember" DISABLE ROW LEVEL SECURITY');
  const { findings } = await checkNow(databaseId);
  const kinds = findings.filter(({ name }) => name === "OrganisationMember").map(({ kind }) => kind);
  expect(kinds).toContain("policies without row security");
  const verbs = kinds.find((kind) => kind.startsWith("leak by ")) ?? "";
  for (const verb of ["select", "copy out", "copy in", "update", "delete", "insert", "move"])
    expect(verbs).toContain(verb);
});

test("a check that cannot be made is kept with its reason, and the one before stays", async () => {
  const { url, databaseId, role } = await secured();
  await checkNow(databaseId);
  await query(url, `ALTER ROLE ${role} RENAME TO ${role}_renamed`);
  await expect(runIsolationCheck(administrator, databaseId, quietly)).rejects.toMatchObject({ code: "unsupported" });
  const { run, failure } = await readIsolation(support, databaseId);
  expect(run?.state).toBe("done");
  expect(failure).toMatchObject({ state: "failed", error: expect.stringContaining("no role") });
  const fleet = await fleetIsolation(support);
  expect(fleet.find((one) => one.databaseId === databaseId)).toMatchObject({
    run: { state: "done" },
    failure: { state: "failed" },
  });
});

test("every adopted database with a known role is due every night", async () => {
  const { databaseId } = await secured();
  expect((await dueIsolationChecks()).map(({ input }) => input)).toContainEqual({ databaseId });
});

test("support reads what was found, and may neither check nor accept", async () => {
  const { databaseId } = await foreignDatabase("CREATE TABLE tenants (id uuid PRIMARY KEY)");
  await expect(runIsolationCheck(support, databaseId, quietly)).rejects.toMatchObject({ code: "forbidden" });
  await expect(
    acceptFinding(support, { databaseId, key: "any", evidence: "0".repeat(64), reason: "Because." }),
  ).rejects.toMatchObject({ code: "forbidden" });
  expect(await readIsolation(support, databaseId)).toMatchObject({ run: null, findings: [] });
});
