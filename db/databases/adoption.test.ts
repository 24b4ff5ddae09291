import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { schemaDump, schemaState } from "../testing/schema-state.ts";
import { applyAdoption, startAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import { planAdoption } from "./plan.ts";
import { proposeModel } from "./propose.ts";
import { planRemoval, removeAdoption, startRemoval } from "./remove.ts";
import { adoptionStatus } from "./status.ts";
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

interface Entry {
  action: string;
  resource_id: string;
  tenant_id: string | null;
  user_id: string | null;
  changes: Record<string, unknown> | null;
  old_values: Record<string, unknown> | null;
  new_values: Record<string, unknown> | null;
}

function entries(url: string, table: string): Promise<Entry[]> {
  return query<Entry>(url, "SELECT * FROM caretaker.audit_logs WHERE resource_type = $1 ORDER BY created_at, id", [
    table,
  ]);
}

describe("a rental store with bigint keys and partitions", () => {
  test("is adopted, records its application's writes for the right tenant, and is left as it was", async () => {
    const { url, appUrl, databaseId } = await foreignDatabase(await schemaText("rental-store"));
    const before = await schemaState(url);
    const dumped = await schemaDump(url);
    const model = await adopt(administrator, databaseId);
    expect(model.tenantsTable).toMatchObject({ schema: "public", table: "store", key: "store_id" });

    await query(appUrl, "INSERT INTO public.payment (customer_id, amount, paid_at) VALUES (1, 12.50, '2026-03-01')");
    await query(
      appUrl,
      "INSERT INTO public.payment_early (payment_id, customer_id, amount, paid_at) VALUES (900, 2, 7, '2025-03-01')",
    );
    await query(appUrl, "UPDATE public.customer SET email = 'new@example.com' WHERE customer_id = 1");
    await query(appUrl, "DELETE FROM public.customer WHERE customer_id = 3");
    await query(appUrl, "INSERT INTO catalogue.film (title, language_id, minutes) VALUES ('Third', 1, 90)");
    await query(appUrl, "INSERT INTO public.staff (store_id, username, password) VALUES (2, 'new', 'never logged')");

    const payments = await entries(url, "payment");
    expect(payments.slice(0, 2).map((entry) => entry.tenant_id)).toEqual(["2", "3"]);
    const [changed, removed] = await entries(url, "customer");
    expect(changed).toMatchObject({ action: "update", resource_id: "1", tenant_id: "2" });
    expect(Object.keys(changed?.changes ?? {}).sort()).toEqual(["email", "last_update"]);
    expect(removed).toMatchObject({ action: "delete", resource_id: "3", tenant_id: "1" });
    expect((await entries(url, "rental")).every((entry) => entry.action === "delete")).toBe(true);
    expect((await entries(url, "film"))[0]?.tenant_id).toBeNull();
    expect(JSON.stringify(await entries(url, "staff"))).not.toContain("never logged");
    expect((await adoptionStatus(administrator, databaseId)).state).toBe("adopted");

    await query(
      url,
      "INSERT INTO caretaker.holds (id, name, rules, placed_by, placed_at) VALUES (gen_random_uuid(), 'Smith', '[]', 'Ada', now())",
    );
    const held = await planRemoval(administrator, databaseId);
    await expect(removeAdoption(administrator, { databaseId, planHash: held.hash })).rejects.toThrow(
      /legal hold Smith stands/,
    );
    await query(url, "DELETE FROM caretaker.holds");
    const removal = await planRemoval(administrator, databaseId);
    await removeAdoption(administrator, { databaseId, planHash: removal.hash });
    expect(await schemaState(url)).toEqual(before);
    expect(await schemaDump(url)).toEqual(dumped);
    expect((await adoptionStatus(administrator, databaseId)).state).toBe("confirmed");
  });
});

describe("a signing service with camelCase names and children by foreign keys", () => {
  test("is adopted, finds the tenant over three tables, and is left as it was", async () => {
    const { url, appUrl, databaseId } = await foreignDatabase(await schemaText("signing"));
    const before = await schemaState(url);
    const model = await adopt(administrator, databaseId);
    expect(model.tenantsTable).toMatchObject({ table: "Organisation", key: "id", name: "name", slug: "url" });
    expect(model.tables.find((table) => table.name === "Envelope")?.softDelete).toEqual({
      column: "deletedAt",
      kind: "timestamp",
    });
    expect(model.tables.find((table) => table.name === "_prisma_migrations")?.audited).toBe(false);

    await query(appUrl, `UPDATE "Field" SET "customText" = 'signed' WHERE "id" = 1`);
    await query(appUrl, `DELETE FROM "Envelope" WHERE "id" = 'envelope_1_2'`);
    await query(appUrl, `UPDATE "User" SET "password" = 'plain text' WHERE "id" = 1`);

    const [field] = await entries(url, "Field");
    expect(field).toMatchObject({ action: "update", tenant_id: "org_east", changes: { customText: "signed" } });
    const [envelope] = await entries(url, "Envelope");
    expect(envelope).toMatchObject({ action: "delete", resource_id: "envelope_1_2", tenant_id: "org_east" });
    expect(JSON.stringify(await entries(url, "User"))).not.toContain("plain text");

    const removal = await planRemoval(administrator, databaseId);
    await removeAdoption(administrator, { databaseId, planHash: removal.hash });
    expect(await schemaState(url)).toEqual(before);
  });

  test("with row security on every table that can have it, is left as it was", async () => {
    const { url, databaseId, role } = await foreignDatabase(await schemaText("signing"));
    const before = await schemaState(url);
    await adopt(administrator, databaseId, (model) => ({
      ...model,
      applicationRole: role,
      tables: model.tables.map((table) => ({ ...table, rowSecurity: table.tenantColumn !== null })),
    }));
    expect((await adoptionStatus(administrator, databaseId)).sentence).toContain("row security on 3");
    const removal = await planRemoval(administrator, databaseId);
    await removeAdoption(administrator, { databaseId, planHash: removal.hash });
    expect(await schemaState(url)).toEqual(before);
  });
});

describe("a plan", () => {
  test("once applied, has nothing left to do, and what drifts later is named and repaired", async () => {
    const { url, databaseId } = await foreignDatabase(await schemaText("rental-store"));
    await adopt(administrator, databaseId);
    expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);

    await query(
      url,
      "CREATE TABLE public.voucher (voucher_id uuid PRIMARY KEY, store_id integer REFERENCES public.store)",
    );
    await query(url, "ALTER TABLE public.customer DROP COLUMN archived");
    await query(url, "ALTER TABLE public.staff DISABLE TRIGGER caretaker_update");
    await query(url, "DROP TRIGGER caretaker_delete ON public.payment_late");
    await query(url, "ALTER TABLE public.inventory ADD COLUMN shelf text");
    const { state, drift } = await adoptionStatus(administrator, databaseId);
    expect(state).toBe("drifted");
    const by = (name: string) => drift.filter((one) => one.table === `public.${name}`).map((one) => one.what);
    expect(by("voucher")).toEqual(["It is new: nobody has said what it is, and it is not audited."]);
    expect(by("customer")[0]).toContain("the column archived");
    expect(by("staff")).toEqual(["The triggers for update are switched off on staff."]);
    expect(by("payment")).toEqual(["The triggers for delete are missing on its partition payment_late."]);
    expect(by("inventory")[0]).toContain("have changed since");

    await adopt(administrator, databaseId);
    expect((await adoptionStatus(administrator, databaseId)).drift).toEqual([]);
  });

  test("that changed since it was shown is refused", async () => {
    const { url, databaseId } = await foreignDatabase(await schemaText("signing"));
    const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
    await confirmModel(administrator, { databaseId, model });
    const shown = await planAdoption(administrator, databaseId);
    await query(url, `ALTER TABLE "Team" ADD COLUMN "motto" TEXT`);
    await expect(applyAdoption(administrator, { databaseId, planHash: shown.hash })).rejects.toMatchObject({
      code: "stale_plan",
    });
    expect((await planAdoption(administrator, databaseId)).installedVersion).toBeNull();
  });

  test("cut off half-way, goes on with what is left", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("signing"));
    const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
    await confirmModel(administrator, { databaseId, model });
    const plan = await planAdoption(administrator, databaseId);
    const cut = new AbortController();
    const stopping = applyAdoption(
      administrator,
      { databaseId, planHash: plan.hash },
      async ({ done }) => {
        if (done > plan.statements.length / 2) cut.abort();
      },
      cut.signal,
    );
    await expect(stopping).rejects.toThrow();
    expect((await adoptionStatus(administrator, databaseId)).state).toBe("interrupted");
    await applyAdoption(administrator, { databaseId, planHash: plan.hash, resumedGoal: plan.goal });
    expect((await adoptionStatus(administrator, databaseId)).state).toBe("adopted");
  });

  test("waits for a table that is busy, without making its readers and writers queue for long", async () => {
    const { url, databaseId } = await foreignDatabase(await schemaText("signing"));
    const held = query(url, `BEGIN; UPDATE "Team" SET "name" = "name"; SELECT pg_sleep(1.2); COMMIT`);
    await adopt(administrator, databaseId);
    await held;
    expect((await adoptionStatus(administrator, databaseId)).state).toBe("adopted");
  });

  test("shows each statement with its lock and reason", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("rental-store"));
    const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
    await confirmModel(administrator, { databaseId, model });
    const plan = await planAdoption(administrator, databaseId);
    expect(plan.statements.length).toBeGreaterThan(100);
    expect(plan.statements.every((one) => one.sql !== "" && one.lock !== "" && one.why !== "")).toBe(true);
    expect(plan.problems.map((problem) => problem.severity)).toContain("note"); // the table till has no key
  });
});

describe("who may", () => {
  test("support may neither plan a model, confirm, apply nor remove", async () => {
    const { databaseId } = await foreignDatabase("CREATE TABLE tenants (id uuid PRIMARY KEY)");
    const model = {
      tenantsTable: null,
      usersTable: null,
      applicationRole: null,
      ownTenantKey: null,
      homeDatabaseId: null,
      tables: [],
    };
    const forbidden = { code: "forbidden" };
    await expect(proposeModel(support, databaseId)).rejects.toMatchObject(forbidden);
    await expect(confirmModel(support, { databaseId, model })).rejects.toMatchObject(forbidden);
    await expect(startAdoption(support, databaseId, {})).rejects.toMatchObject(forbidden);
    await expect(applyAdoption(support, { databaseId, planHash: "x" })).rejects.toMatchObject(forbidden);
    await expect(startRemoval(support, databaseId, {})).rejects.toMatchObject(forbidden);
    await expect(removeAdoption(support, { databaseId, planHash: "x" })).rejects.toMatchObject(forbidden);
  });

  test("removal wants the name typed and a reason", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("signing"));
    await adopt(administrator, databaseId);
    const { hash, database } = await planRemoval(administrator, databaseId);
    await expect(startRemoval(administrator, databaseId, { planHash: hash })).rejects.toMatchObject({
      code: "invalid",
    });
    const jobId = await startRemoval(administrator, databaseId, {
      planHash: hash,
      typed: database,
      reason: "moved away",
    });
    expect(jobId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("confirming and adopting leave entries with the actor in the console's own log", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("signing"));
    await adopt(administrator, databaseId);
    const { rows } = await controlPool().query(
      "SELECT action, user_id FROM caretaker.audit_logs WHERE resource_type = 'databases' AND resource_id = $1 AND action = 'update'",
      [databaseId],
    );
    expect(rows).toContainEqual({ action: "update", user_id: administrator.staffId });
  });
});

describe("a model that does not fit what is known", () => {
  test("is refused where a tenant that another database lists has a schema, and the database would list tenants now", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("signing"));
    const home = await foreignDatabase("CREATE TABLE tenants (id uuid PRIMARY KEY)");
    const { rows } = await controlPool().query<{ id: string }>(
      `WITH guest AS (INSERT INTO tenants (home_database_id, key, name) VALUES ($1, '7', 'Seven') RETURNING id)
       INSERT INTO placements (tenant_id, tier, database_id, schema, state) SELECT id, 'schema', $2, 't_7', 'open' FROM guest RETURNING id`,
      [home.databaseId, databaseId],
    );
    const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
    const refused = { code: "conflict", message: expect.stringMatching(/^Seven, which another database lists/) };
    await expect(confirmModel(administrator, { databaseId, model })).rejects.toMatchObject(refused);
    const own = { ...model, tenantsTable: null, ownTenantKey: "8", homeDatabaseId: home.databaseId };
    await expect(confirmModel(administrator, { databaseId, model: own })).rejects.toMatchObject(refused);
    await controlPool().query("UPDATE placements SET state = 'dropped' WHERE id = $1", [rows[0]?.id]);
    await confirmModel(administrator, { databaseId, model });
  });

  test("is refused with the table it fails for", async () => {
    const { databaseId } = await foreignDatabase(await schemaText("signing"));
    const { evidence: _e, tenantsCandidates: _t, roles: _r, ...model } = await proposeModel(administrator, databaseId);
    const [first, ...rest] = model.tables;
    if (!first) throw new Error("No table.");
    const wrong = [
      { ...first, maskedColumns: [`x"; DROP TABLE "User"; --`] },
      { ...first, name: "no such table" },
      { ...first, class: "tenant" as const, tenantColumn: null, tenantConstant: null },
      { ...first, class: "child" as const, tenantPath: [] },
    ];
    for (const table of wrong) {
      const confirming = confirmModel(administrator, { databaseId, model: { ...model, tables: [table, ...rest] } });
      await expect(confirming).rejects.toMatchObject({ code: "invalid" });
    }
  });
});
