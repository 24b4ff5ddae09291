import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, freshDatabase, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { schemaState } from "../testing/schema-state.ts";
import { confirmModel } from "./confirm.ts";
import { runIsolationCheck } from "./isolation/run.ts";
import { planAdoption } from "./plan.ts";
import { proposeModel } from "./propose.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { testConnection } from "./test-connection.ts";
import { adopt, query, schemaText } from "./testing/fleet.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** The roles of docs/adoption.md: an owner, an application that owns nothing, and Caretaker, none of them a superuser. */
async function ordinaryRoles() {
  const url = await freshDatabase();
  const tag = randomUUID().slice(0, 8);
  const [owner, app, caretaker] = [`owner_${tag}`, `app_${tag}`, `caretaker_${tag}`];
  const name = new URL(url).pathname.slice(1);
  const password = testServer().password || "none";
  for (const role of [owner, app, caretaker])
    await query(url, `CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await query(
    url,
    `GRANT CREATE ON DATABASE ${name} TO ${owner}; GRANT CREATE, USAGE ON SCHEMA public TO ${owner}, ${app}`,
  );
  const as = (role: string): string => {
    const one = new URL(url);
    one.username = role;
    one.password = password;
    return one.href;
  };
  await query(as(owner), await schemaText("signing"));
  await query(as(owner), `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${app}`);
  return {
    url,
    name,
    owner,
    app,
    caretaker,
    asApp: as(app),
    asCaretaker: as(caretaker),
    databaseId: await registerDatabase(as(caretaker), { adoptedAt: null }),
  };
}

test("what Caretaker's role lacks is named with the statement that grants it", async () => {
  const { name, owner, caretaker, databaseId } = await ordinaryRoles();
  const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
  await confirmModel(administrator, { databaseId, model });
  const { problems } = await planAdoption(administrator, databaseId);
  const fixes = problems.filter((problem) => problem.severity === "blocking").map((problem) => problem.fix);
  expect(fixes).toEqual([
    `GRANT CREATE ON DATABASE "${name}" TO "${caretaker}";`,
    `GRANT "${owner}" TO "${caretaker}";`,
  ]);
});

test("without BYPASSRLS, Caretaker's role is told so before and after adoption, and what it then may not do", async () => {
  const { url, name, owner, app, caretaker, databaseId, asCaretaker } = await ordinaryRoles();
  await query(url, `GRANT CREATE ON DATABASE ${name} TO ${caretaker}; GRANT ${owner}, ${app} TO ${caretaker}`);
  const fix = `ALTER ROLE "${caretaker}" BYPASSRLS;`;
  const lacks = async () => (await planAdoption(administrator, databaseId)).problems.filter((one) => one.fix === fix);
  const notes = async () => {
    const { notes } = await testConnection(administrator, { url: `${asCaretaker}?sslmode=disable` });
    return notes.filter(({ what }) => what.includes("BYPASSRLS"));
  };
  const everyRow = () => query(asCaretaker, `BEGIN; SET LOCAL row_security = off; SELECT FROM "Team"; COMMIT`);

  await adopt(administrator, databaseId, (model) => ({ ...model, applicationRole: app }));
  expect(await lacks()).toEqual([]);
  await everyRow();
  await adopt(administrator, databaseId, (model) => ({
    ...model,
    applicationRole: app,
    tables: model.tables.map((table) => ({ ...table, rowSecurity: table.name === "Team" })),
  }));
  expect(await lacks()).toEqual([
    expect.objectContaining({
      severity: "warning",
      message: expect.stringContaining(`${caretaker} is bound by row security on public.Team`),
    }),
  ]);
  await expect(everyRow()).rejects.toMatchObject({ code: "42501" });
  expect(await notes()).toEqual([expect.objectContaining({ fix: `ALTER ROLE ${caretaker} BYPASSRLS;` })]);

  await query(url, `ALTER ROLE ${caretaker} BYPASSRLS`);
  expect(await lacks()).toEqual([]);
  expect(await notes()).toEqual([]);
  await everyRow();
});

test("with the grants of docs/adoption.md and nothing more, everything works and is removed again", async () => {
  const { url, name, owner, app, caretaker, asApp, databaseId } = await ordinaryRoles();
  await query(url, `GRANT CREATE ON DATABASE ${name} TO ${caretaker}; GRANT ${owner}, ${app} TO ${caretaker}`);
  await query(url, `ALTER ROLE ${caretaker} BYPASSRLS`);
  const before = await schemaState(url);
  await adopt(administrator, databaseId, (model) => ({
    ...model,
    applicationRole: app,
    tables: model.tables.map((table) => ({ ...table, rowSecurity: table.class === "tenant" })),
  }));
  await query(
    asApp,
    `SELECT set_config('app.current_tenant_id', 'org_north', false); UPDATE "Team" SET "name" = 'renamed'; UPDATE "Folder" SET "name" = 'moved'`,
  );
  const entries = await query(
    url,
    "SELECT resource_type, tenant_id FROM caretaker.audit_logs WHERE action = 'update' ORDER BY id",
  );
  expect(entries[0]).toEqual({ resource_type: "Team", tenant_id: "org_north" });
  expect(
    entries
      .filter((entry) => entry.resource_type === "Folder")
      .map((entry) => entry.tenant_id)
      .sort(),
  ).toEqual(["org_east", "org_north", "org_south"]);
  const { report } = await runIsolationCheck(administrator, databaseId, {
    progress: async () => {},
    signal: new AbortController().signal,
  });
  expect(report.relations.filter(({ verdict }) => verdict === "proven").map(({ name }) => name)).toContain("Team");
  await expect(query(asApp, "SELECT * FROM caretaker.audit_logs")).rejects.toMatchObject({ code: "42501" });
  await expect(query(asApp, `ALTER TABLE "Team" DISABLE TRIGGER caretaker_update`)).rejects.toMatchObject({
    code: "42501",
  });

  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await schemaState(url)).toEqual(before);
});
