import { type Browser, expect, type Page, test } from "@playwright/test";
import { violations } from "./axe.ts";
import { eventually, type Foreign, run } from "./foreign.ts";
import { actTogether } from "./second-person.ts";

// The way through deleted records, from the bin to the certificate, in a database of somebody else's design.

type Ground = Foreign & { id: string };

/** Two rentals go, and another one takes the place of the first: same film, same customer, same time. */
export async function walkRental(page: Page, browser: Browser, ground: Ground): Promise<void> {
  await run(
    ground.url,
    `CREATE TEMP TABLE held AS SELECT * FROM public.rental WHERE rental_id = 2;
     DELETE FROM public.rental WHERE rental_id IN (2, 3);
     UPDATE held SET rental_id = 9001;
     INSERT INTO public.rental SELECT * FROM held`,
  );
  const rentals = () =>
    one(
      ground,
      "SELECT array_agg(rental_id::text ORDER BY rental_id) AS is FROM public.rental WHERE rental_id IN (2, 3, 9001)",
    );
  await restore(page, ground, async () => {
    await expect(page.getByText("The live row, rental 9001, holds the same")).toBeVisible();
    await page.getByLabel("What to do").selectOption("skip");
  });
  expect(await rentals()).toEqual(["3", "9001"]);
  await undo(page);
  expect(await rentals()).toEqual(["9001"]);

  await health(page, ground, /No table marks its deleted rows|by archived/);
  await hold(page, browser, ground, "public.rental", "9001", "DELETE FROM public.rental WHERE rental_id = 9001");
  const columns = process.env.CARETAKER_PAGILA_SQL ? ["first_name", "last_name", "email"] : ["name", "email"];
  await erase(page, browser, ground, {
    table: "customer",
    record: "7",
    columns: columns.map((name) => `public.customer.${name}`),
  });
  expect(
    await one(ground, "SELECT row_to_json(c)::text AS is FROM public.customer c WHERE customer_id = 7"),
  ).not.toMatch(/changed@|Customer/);
}

/** A team goes with all that hangs from it; another team takes its address, and its recipients' tokens are masked in the log. */
export async function walkSigning(page: Page, browser: Browser, ground: Ground): Promise<void> {
  await run(
    ground.url,
    `INSERT INTO "TeamEmail" ("teamId", "name", "email") SELECT "id", 'Desk', 'desk@example.com' FROM "Team" WHERE "name" = 'North Legal team'`,
    `UPDATE "Envelope" SET "deletedAt" = now() - interval '40 days' WHERE "title" = 'Contract 1' AND "teamId" <> (SELECT "id" FROM "Team" WHERE "name" = 'North Legal team')`,
    `DELETE FROM "Team" WHERE "name" = 'North Legal team'`,
    `INSERT INTO "TeamEmail" ("teamId", "name", "email") SELECT "id", 'Desk', 'desk@example.com' FROM "Team" WHERE "name" = 'South Estates team'`,
  );
  const north = () =>
    one(
      ground,
      `SELECT count(*)::int AS is FROM "Envelope" e JOIN "Team" t ON t."id" = e."teamId" WHERE t."name" = 'North Legal team'`,
    );
  await restore(page, ground, async () => {
    const problems = page.getByRole("main").getByRole("listitem");
    await problems.filter({ hasText: "public.TeamEmail" }).getByLabel("What to do").selectOption("rename");
    await page.getByRole("textbox", { name: /^Other value/ }).fill("desk-north@example.com");
    await problems.filter({ hasText: "public.Recipient token" }).getByLabel("For all 5 rows").selectOption("skip");
  });
  expect(await north()).toBe(5);
  expect(await one(ground, `SELECT array_agg("email" ORDER BY "email") AS is FROM "TeamEmail"`)).toEqual([
    "desk-north@example.com",
    "desk@example.com",
  ]);
  await undo(page);
  expect(await north()).toBe(0);

  await health(page, ground, /by deletedAt/);
  await retention(page, ground, "public.Envelope", 2);
  await hold(
    page,
    browser,
    ground,
    "public.Folder",
    String(await one(ground, `SELECT min("id") AS is FROM "Folder" WHERE "id" LIKE 'folder%'`)),
    `DELETE FROM "Folder"`,
  );
  const record = String(await one(ground, `SELECT "id" AS is FROM "User" WHERE "email" = 'p6@example.com'`));
  await erase(page, browser, ground, { table: "User", record, columns: ["public.User.name", "public.User.email"] });
  expect(await one(ground, `SELECT row_to_json(u)::text AS is FROM "User" u WHERE "id" = ${record}`)).not.toMatch(
    /p6@|Person/,
  );
}

async function one(ground: Ground, sql: string): Promise<unknown> {
  const [result] = await run(ground.url, sql);
  return result?.rows[0]?.is;
}

async function restore(page: Page, ground: Ground, choose: () => Promise<void>): Promise<void> {
  await test.step("the bin, a plan with a clash, the restore and its proof", async () => {
    await page.goto(`/deleted?database=${ground.id}`);
    await page.getByRole("table", { name: "Deletions" }).getByRole("link").first().click();
    await page.getByRole("link", { name: "Plan the restore" }).click();
    await eventually(page.getByRole("button", { name: "Plan with these choices" })).toBeVisible();
    await expect(page.getByRole("button", { name: /^Restore \d/ })).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
    await choose();
    await page.getByRole("button", { name: "Plan with these choices" }).click();
    await page.getByRole("button", { name: /^Restore \d+ rows?…/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Restore \d/ })
      .click();
    await eventually(page.getByRole("heading", { level: 1, name: /^Restore of deletion/ })).toBeVisible();
    await expect(page.getByRole("table", { name: "Rows with their proofs" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

async function undo(page: Page): Promise<void> {
  await test.step("its undo", async () => {
    await page.getByRole("link", { name: "Plan the undo" }).click();
    await page.getByRole("button", { name: /^Undo \d+ rows?…/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Undo \d/ })
      .click();
    await eventually(page.getByText(/\d rows? taken back/)).toBeVisible();
  });
}

async function health(page: Page, ground: Ground, says: RegExp): Promise<void> {
  await test.step("what went unrecorded, and the health of soft deletes", async () => {
    await page.goto(`/deleted/unrecorded?database=${ground.id}`);
    await expect(page.getByRole("heading", { level: 1, name: "Removed without a record" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.goto(`/deleted/health?database=${ground.id}`);
    await eventually(page.getByText(says).first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

async function retention(page: Page, ground: Ground, table: string, rows: number): Promise<void> {
  await test.step("a policy's simulation, by day, table and tenant", async () => {
    await page.goto("/deleted/retention");
    const policies = page.getByRole("table", { name: `Policies of ${ground.name}` });
    await policies
      .getByRole("row", { name: new RegExp(table) })
      .getByRole("button", { name: "Set a policy" })
      .click();
    await page.getByRole("button", { name: "Show what it means" }).click();
    await page.waitForURL(/retention\/change/);
    await expect(page.getByRole("img", { name: new RegExp(`Rows that would go: ${rows} `) })).toBeVisible();
    await expect(page.getByRole("row", { name: new RegExp(`${table} South Estates`) }).first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

async function hold(
  page: Page,
  browser: Browser,
  ground: Ground,
  table: string,
  record: string,
  removal: string,
): Promise<void> {
  await test.step("a legal hold, which the database enforces until two people release it", async () => {
    const name = `Case ${ground.name}`;
    const query = new URLSearchParams({ kind: "record", database: ground.id, table, record });
    await page.goto(`/deleted/holds/place?${query}`);
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("textbox", { name: "Reason" }).fill("A case at court");
    await page.getByRole("button", { name: "Place the hold" }).click();
    await page.waitForURL(/\/deleted\/holds$/);
    const row = page.getByRole("table", { name: "Legal holds" }).getByRole("row", { name: new RegExp(name) });
    await eventually(row).toContainText("in force");
    expect(await violations(page)).toEqual([]);
    await expect(run(ground.app, removal)).rejects.toThrow(`The legal hold "${name}" keeps ${table} ${record}.`);
    await row.getByRole("button", { name: "Release" }).click();
    await actTogether(page, browser, { subject: name, button: `Release ${name}`, reason: "The case is closed" });
    await eventually(row).toContainText("released");
  });
}

interface Person {
  table: string;
  record: string;
  columns: string[];
}

async function erase(page: Page, browser: Browser, ground: Ground, { table, record, columns }: Person): Promise<void> {
  await test.step("a person is found, and erased by two people", async () => {
    await page.goto(
      `/deleted/erasures/new?${new URLSearchParams({ database: ground.id, schema: "public", table, record })}`,
    );
    await page.getByLabel("More columns with personal values").fill(columns.join("\n"));
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await eventually(page.getByRole("table", { name: "Findings" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Dry run" }).click();
    await expect(page.getByRole("dialog")).toContainText("would change without a fault");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Erase this person…" }).click();
    const subject = `public.${table} ${record}`;
    await actTogether(page, browser, { subject, button: "Erase this person", reason: "Letter of 28 November" });
    await eventually(page.getByRole("heading", { level: 1, name: `Certificate of erasure: ${subject}` })).toBeVisible();
    await expect(page.getByText("found nothing")).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}
