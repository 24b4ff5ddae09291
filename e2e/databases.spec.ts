import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import pg from "pg";
import { accountOf, serverUrl, stateOf } from "./harness.ts";

test.use({ storageState: stateOf("administrator") });
test.describe.configure({ mode: "serial", timeout: 600_000 });

// Each step reads a whole catalog or waits for the worker.
const eventually = expect.configure({ timeout: 150_000 });

interface Foreign {
  name: string;
  url: URL;
  /** The same database, as the role that the application connects as. */
  app: URL;
}

/** A fresh database with one of the schemas below e2e/schemas, and a role of its application's own. */
async function foreign(schema: string): Promise<Foreign> {
  const name = `${schema.replace("-", "_")}_${randomBytes(4).toString("hex")}`;
  const url = serverUrl();
  await run(url, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  await run(url, await readFile(join(import.meta.dirname, "schemas", `${schema}.sql`), "utf8"));
  const app = new URL(url);
  app.username = `${name}_app`;
  app.password = randomBytes(12).toString("hex");
  await run(url, `CREATE ROLE ${app.username} LOGIN PASSWORD '${app.password}'`);
  for (const one of schema === "signing" ? ["public"] : ["public", "catalogue"]) {
    await run(url, `GRANT USAGE ON SCHEMA ${one} TO ${app.username}`);
    await run(url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${one} TO ${app.username}`);
  }
  return { name, url, app };
}

async function run(url: URL, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client(url.href);
  await client.connect();
  const results: pg.QueryResult[] = [];
  for (const sql of statements) results.push(await client.query(sql));
  await client.end();
  return results;
}

async function schemaLines({ url }: Foreign): Promise<unknown> {
  const [result] = await run(
    url,
    `SELECT c.oid::regclass::text AS name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,
            ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1) AS triggers,
            ARRAY(SELECT p.polname FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1) AS policies
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      ORDER BY 1`,
  );
  return result?.rows;
}

/** From the server's URL to the confirmed plan, as a person goes. */
async function adopt(page: Page, { name, url }: Foreign, rowSecurity: string[] = []): Promise<string> {
  await page.goto("/databases/add");
  const given = new URL(url);
  given.searchParams.set("sslmode", "disable");
  await page.getByLabel("Name").fill(`server of ${name}`);
  await page.getByLabel("Connection URL").fill(given.href);
  // A click before the page is alive is lost; trying a connection again changes nothing.
  await eventually(async () => {
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText(/It answers: PostgreSQL/)).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await page.getByRole("button", { name: "Add server" }).click();
  await eventually(page).toHaveURL(/server=/);
  await page.getByRole("button", { name: `Add ${name}`, exact: true }).click({ timeout: 90_000 });
  await eventually(page.getByText(/This is what the catalog suggests/)).toBeVisible();
  for (const table of rowSecurity) await page.getByLabel(`Row security on ${table}`, { exact: true }).check();
  await page.getByRole("button", { name: "Confirm model" }).click();
  await eventually(page.getByText(/nothing has changed yet/)).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download SQL").click()]);
  expect(await readFile(await download.path(), "utf8")).toContain("CREATE SCHEMA IF NOT EXISTS caretaker");
  await page.getByRole("button", { name: "Apply the plan…" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `Apply the plan to ${name}` })
    .click();
  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  await eventually(page.getByRole("dialog")).toHaveCount(0);
  // The worker goes on whatever the page does: its outcome shows on the database's own screen.
  await eventually(async () => {
    await page.goto(`/databases/${id}`);
    await expect(page.getByText(/Every write to \d+ tables is recorded/)).toBeVisible({ timeout: 15_000 });
  }).toPass();
  return id;
}

async function remove(page: Page, { name }: Foreign, id: string): Promise<void> {
  await page.goto(`/databases/${id}/removal`);
  await page.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: new RegExp(name) }).fill(name);
  await dialog.getByLabel("Reason").fill("The trial is over.");
  await dialog.getByRole("button", { name: `Remove Caretaker from ${name}` }).click();
  const password = dialog.getByLabel("Your password");
  await eventually(password.or(page.getByText("A worker removes it.")).first()).toBeVisible();
  if (await password.isVisible()) {
    await password.fill(accountOf("administrator").password);
    await dialog.getByRole("button", { name: `Remove Caretaker from ${name}` }).click();
  }
  await eventually(page.getByText(/the plan for \d+ tables has not been applied/)).toBeVisible();
}

test("a rental store: adopt, write, see the audit, delete, restore, remove", async ({ page }) => {
  const store = await foreign("rental-store");
  const before = await schemaLines(store);
  const id = await adopt(page, store);

  await run(
    store.app,
    "INSERT INTO public.payment (customer_id, amount, paid_at) VALUES (1, 12.50, '2026-03-01')",
    "UPDATE public.customer SET email = 'changed@example.com' WHERE customer_id = 7",
    "DELETE FROM public.inventory WHERE inventory_id = (SELECT max(inventory_id) FROM public.inventory i WHERE NOT EXISTS (SELECT FROM public.rental r WHERE r.inventory_id = i.inventory_id))",
    "INSERT INTO public.inventory (inventory_id, film_id, store_id) VALUES (900, 1, 2)",
    "DELETE FROM public.inventory WHERE inventory_id = 900",
  );

  await page.goto(`/audit?database=${id}&table=customer`);
  await eventually(page.getByText(/customer/).first()).toBeVisible();
  await page.goto(`/tenants?database=${id}`);
  await eventually(page.getByText(/3 tenants in/)).toBeVisible();

  await page.goto(`/deleted/rows?database=${id}`);
  await page.getByRole("link", { name: /900/ }).first().click();
  await page.getByRole("button", { name: /^Restore .*…$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Restore / })
    .click();
  await eventually(page.getByText("1 row: 1 exactly as it was")).toBeVisible();
  const [restored] = await run(store.url, "SELECT film_id, store_id FROM public.inventory WHERE inventory_id = 900");
  expect(restored?.rows).toEqual([{ film_id: 1, store_id: 2 }]);

  await remove(page, store, id);
  await run(store.url, "DELETE FROM public.inventory WHERE inventory_id = 900");
  expect(await schemaLines(store)).toEqual(before);
});

test("a signing service: camelCase, row security proven, audit by the organisation over three tables, remove", async ({
  page,
}) => {
  const signing = await foreign("signing");
  const before = await schemaLines(signing);
  const id = await adopt(page, signing, ["public.Team", "public.OrganisationMember"]);

  // Two tables are secured and the others are not, which is what the check says.
  await page.goto(`/databases/${id}`);
  await page.getByRole("link", { name: "Isolation", exact: true }).click();
  await page.getByRole("button", { name: "Check isolation" }).click();
  const tables = page.getByRole("table", { name: "Isolation by table" });
  await eventually(tables.getByRole("row", { name: /^Team / })).toContainText("kept apart");
  await eventually(tables.getByRole("row", { name: /^OrganisationMember / })).toContainText("kept apart");
  await eventually(tables.getByRole("row", { name: /^Envelope / })).toContainText("leaks");

  await run(signing.url, `UPDATE "Field" SET "customText" = 'signed' WHERE "id" = 1`);
  const [written] = await run(
    signing.url,
    "SELECT id::text, tenant_id FROM caretaker.audit_logs WHERE resource_type = 'Field'",
  );
  expect(written?.rows[0]).toMatchObject({ tenant_id: "org_east" });
  await page.goto(`/audit/${id}/${written?.rows[0]?.id}`);
  await eventually(page.getByText("customText").first()).toBeVisible();
  await eventually(page.getByText("signed", { exact: true }).first()).toBeVisible();

  await remove(page, signing, id);
  expect(await schemaLines(signing)).toEqual(before);
});

test("what drifts is named on the database's screen", async ({ page }) => {
  const store = await foreign("rental-store");
  const id = await adopt(page, store);
  await run(store.url, "CREATE TABLE public.voucher (id bigint PRIMARY KEY, store_id integer REFERENCES public.store)");
  await run(store.url, "ALTER TABLE public.staff DISABLE TRIGGER caretaker_update");
  await page.goto(`/databases/${id}`);
  await eventually(page.getByRole("cell", { name: /^It is new: nobody has said/ })).toBeVisible();
  await eventually(
    page.getByRole("cell", { name: "The triggers for update are switched off on staff." }),
  ).toBeVisible();
  await page.goto(`/databases/${id}/model`);
  await eventually(page.getByText(/1 table came since/)).toBeVisible();
});

test("a connection that fails says at which step", async ({ page }) => {
  await page.goto("/databases/add");
  const cases: [URL, RegExp][] = [
    [
      changed(serverUrl(), (url) => {
        url.port = "1";
      }),
      /Nothing accepts connections at .*, port 1\./,
    ],
    [
      changed(serverUrl(), (url) => {
        url.pathname = "/no_such_database";
      }),
      /There is no database no_such_database/,
    ],
    [
      changed(serverUrl(), (url) => {
        url.hostname = "10.255.255.1";
      }),
      /outside the networks/,
    ],
    [
      changed(serverUrl(), (url) => {
        url.searchParams.set("sslmode", "require");
      }),
      /does not speak TLS/,
    ],
  ];
  for (const [url, what] of cases) {
    await page.getByLabel("Connection URL").fill(url.href);
    await eventually(async () => {
      await page.getByRole("button", { name: "Test connection" }).click();
      await expect(page.getByText(what)).toBeVisible({ timeout: 10_000 });
    }).toPass();
  }
});

function changed(url: URL, change: (url: URL) => void): URL {
  if (!url.searchParams.has("sslmode")) url.searchParams.set("sslmode", "disable");
  change(url);
  return url;
}

test.describe("as support", () => {
  test.use({ storageState: stateOf("support") });
  test("databases can be read and not managed", async ({ page }) => {
    await page.goto("/databases");
    await eventually(page.getByRole("heading", { name: "Databases" })).toBeVisible();
    await eventually(page.getByRole("link", { name: "Add database" })).toHaveCount(0);
    await page.goto("/databases/add");
    await eventually(page.getByText("databases.manage")).toBeVisible();
  });
});
