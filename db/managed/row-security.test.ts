import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowSecurityStatements } from "./row-security.ts";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;
let app: pg.Client;

beforeAll(async () => {
  db = await CapturedDatabase.make(`
CREATE TABLE "Invoices" (id integer PRIMARY KEY, "tenantId" bigint NOT NULL, total numeric);
INSERT INTO "Invoices" SELECT i, i % 3, i FROM generate_series(1, 30) AS i`);
  const { client, role } = await db.newRole((name) => `GRANT SELECT, INSERT, UPDATE, DELETE ON "Invoices" TO ${name}`);
  app = client;
  await db.run(
    rowSecurityStatements({ schema: "public", name: "Invoices", tenantColumn: "tenantId", tenantType: "bigint" }, role),
  );
});

afterAll(() => db.close());

async function asTenant<T>(tenant: string | null, work: () => Promise<T>): Promise<T> {
  await app.query("BEGIN");
  try {
    if (tenant !== null) await app.query("SELECT caretaker.set_context('u', $1)", [tenant]);
    return await work();
  } finally {
    await app.query("ROLLBACK");
  }
}

const count = async () => Number((await app.query('SELECT count(*) AS n FROM "Invoices"')).rows[0]?.n);

describe("row security", () => {
  it("shows one tenant its own rows and no others", async () => {
    expect(await asTenant("1", count)).toBe(10);
    const { rows } = await asTenant("1", () => app.query('SELECT DISTINCT "tenantId" AS t FROM "Invoices"'));
    expect(rows).toEqual([{ t: "1" }]);
  });

  it("shows nothing without a tenant, also after a transaction that had one", async () => {
    expect(await asTenant(null, count)).toBe(0);
    await asTenant("1", count);
    expect(await asTenant(null, count)).toBe(0);
    expect(await count()).toBe(0);
  });

  it("refuses to write, change or delete another tenant's rows", async () => {
    await expect(asTenant("1", () => app.query('INSERT INTO "Invoices" VALUES (99, 2, 0)'))).rejects.toThrow(
      /row-level security/,
    );
    await expect(asTenant("1", () => app.query('UPDATE "Invoices" SET "tenantId" = 2'))).rejects.toThrow(
      /row-level security/,
    );
    const { rowCount } = await asTenant("1", () => app.query('DELETE FROM "Invoices" WHERE "tenantId" = 2'));
    expect(rowCount).toBe(0);
  });

  it("refuses a suspended tenant and says so, until it is reopened", async () => {
    await db.client.query("INSERT INTO caretaker.suspended_tenants (tenant_key, reason) VALUES ('1', 'unpaid')");
    await expect(asTenant("001", count)).rejects.toThrow("Tenant 1 is suspended.");
    await expect(asTenant("1", count)).rejects.toThrow("Tenant 1 is suspended.");
    await expect(asTenant("1", () => app.query('INSERT INTO "Invoices" VALUES (99, 1, 0)'))).rejects.toThrow(
      "Tenant 1 is suspended.",
    );
    expect(await asTenant("2", count)).toBe(10);
    await db.client.query("DELETE FROM caretaker.suspended_tenants");
    expect(await asTenant("1", count)).toBe(10);
  });

  it("leaves every row to the role that adopted the database", async () => {
    const { rows } = await db.client.query('SELECT count(*)::int AS n FROM "Invoices"');
    expect(rows[0]?.n).toBe(30);
  });
});
