import { expect, test } from "vitest";
import { confirmModelForm, type DatabaseModel, modelBytesMax, type TableModel } from "#db/databases/contract.ts";
import config from "../../../../../next.config.ts";
import { tooLarge } from "./too-large.ts";

const databaseId = "00000000-0000-4000-8000-000000000000";

function table(number: number): TableModel {
  return {
    schema: "public",
    name: `customer_invoice_line_${number}`,
    class: "child",
    reason: "It reaches public.customer_invoices, which has the tenant's key, by the foreign key to its invoice.",
    tenantColumn: null,
    tenantPath: [{ schema: "public", table: "customer_invoices", columns: ["invoice_id"], parentColumns: ["id"] }],
    tenantConstant: null,
    primaryKey: ["id"],
    softDelete: { column: "deleted_at", kind: "timestamp" },
    audited: true,
    maskedColumns: ["access_token"],
    ignoredColumns: ["updated_at"],
    rowSecurity: false,
    activeView: false,
    archive: false,
    graceDays: 30,
  };
}

function modelOf(tables: number): string {
  const model: DatabaseModel = {
    tenantsTable: null,
    usersTable: null,
    applicationRole: "app",
    ownTenantKey: null,
    homeDatabaseId: null,
    tables: Array.from({ length: tables }, (_, number) => table(number)),
  };
  return JSON.stringify(model);
}

/** What a form sends: the model as a field beside the database, and some hundred bytes of framing. */
async function posted(model: string): Promise<number> {
  const form = new FormData();
  form.set("1_databaseId", databaseId);
  form.set("1_model", model);
  return (await new Response(form).arrayBuffer()).byteLength;
}

test("a model of 12,000 tables is sent, let in by Next and read by the verb's schema", async () => {
  const model = modelOf(12_000);
  expect(tooLarge(model, modelBytesMax)).toBeNull();
  expect(confirmModelForm.safeParse({ databaseId, basis: "0".repeat(64), model }).success).toBe(true);
  expect(await posted(model)).toBeLessThan(letIn());
});

test("the largest model that is sent is let in, and a larger one is refused with another way", async () => {
  const largest = "é".repeat(modelBytesMax / 2);
  expect(tooLarge(largest, modelBytesMax)).toBeNull();
  expect(await posted(largest)).toBeLessThan(letIn());
  expect(tooLarge(`${largest}é`, modelBytesMax)).toMatchObject({
    code: "invalid",
    fix: expect.stringContaining("adopt model"),
  });
});

function letIn(): number {
  const limit = config.experimental?.serverActions?.bodySizeLimit;
  const megabytes = /^(\d+)mb$/.exec(String(limit))?.[1];
  if (!megabytes) throw new Error(`Not a limit in MB: ${limit}.`);
  return Number(megabytes) * 1024 * 1024;
}
