import { expect, test } from "@playwright/test";
import { walkRental, walkSigning } from "./deleted-walk.ts";
import { adopt, eventually, foreign, remove, run, schemaLines } from "./foreign.ts";
import { serverUrl, stateOf } from "./harness.ts";

test.use({ storageState: stateOf("administrator") });
test.describe.configure({ mode: "serial", timeout: 600_000 });

const payment = process.env.CARETAKER_PAGILA_SQL
  ? "INSERT INTO public.payment (customer_id, staff_id, rental_id, amount, payment_date) VALUES (1, 1, 1, 12.50, '2022-03-01')"
  : "INSERT INTO public.payment (customer_id, amount, paid_at) VALUES (1, 12.50, '2026-03-01')";

test("a rental store: adopt, write, see the audit, delete, restore, hold, erase, remove", async ({ page, browser }) => {
  const store = await foreign("rental");
  const before = await schemaLines(store);
  const id = await adopt(page, store);

  await run(
    store.app,
    payment,
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

  await walkRental(page, browser, { ...store, id });

  await remove(page, store, id);
  await run(store.url, "DELETE FROM public.inventory WHERE inventory_id = 900");
  expect(await schemaLines(store)).toEqual(before);
});

test("a signing service: camelCase, row security proven, audit by the organisation, delete, restore, hold, erase, remove", async ({
  page,
  browser,
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

  await walkSigning(page, browser, { ...signing, id });

  await remove(page, signing, id);
  expect(await schemaLines(signing)).toEqual(before);
});

test("what drifts is named on the database's screen", async ({ page }) => {
  const store = await foreign("rental");
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
