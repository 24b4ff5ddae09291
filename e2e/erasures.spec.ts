import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { controlPool } from "#db/control.ts";
import { adoptForBrowser } from "./adopted.ts";
import { violations } from "./axe.ts";
import { stateOf } from "./harness.ts";
import { actTogether } from "./second-person.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE people (id integer PRIMARY KEY, email text NOT NULL UNIQUE, name text);
     CREATE TABLE addresses (id integer PRIMARY KEY, person integer NOT NULL REFERENCES people, street text);
     CREATE TABLE tickets (id integer PRIMARY KEY, body text NOT NULL);`,
    {},
  );
  await db.client.query(
    `INSERT INTO people VALUES (1, 'grace@example.com', 'Grace Hopper'), (2, 'alan@example.com', 'Alan');
     INSERT INTO addresses VALUES (1, 1, 'Main Street 1');
     INSERT INTO tickets VALUES (1, 'Call grace@example.com back'), (2, 'Nothing')`,
  );
});

test.afterAll(() => db.close());

const personal = "public.people.email\npublic.people.name\npublic.addresses.street";

async function find(page: Page): Promise<void> {
  await page.goto(`/deleted/erasures/new?database=${db.id}&table=people&record=1`);
  await page.getByLabel("More columns with personal values").fill(personal);
  await page.getByLabel("Free text to search for the words").fill("public.tickets.body");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Erasure of public.people 1" })).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByRole("table", { name: "Findings" })).toBeVisible({ timeout: 30_000 });
}

/** Everything that the database holds, its log included. */
async function everything(): Promise<string> {
  const { rows } = await db.client.query<{ said: string }>(
    `SELECT concat_ws(' ', (SELECT string_agg(t::text, ' ') FROM people t), (SELECT string_agg(t::text, ' ') FROM addresses t),
                      (SELECT string_agg(t::text, ' ') FROM tickets t), (SELECT string_agg(t::text, ' ') FROM caretaker.audit_logs t)) AS said`,
  );
  return rows[0]?.said ?? "";
}

test("a person is found, copied out, rehearsed, erased by two people, certified, and not found again", async ({
  page,
  browser,
}) => {
  test.slow();
  await find(page);
  const findings = page.getByRole("table", { name: "Findings" });
  await expect(findings).toContainText("public.tickets");
  await expect(page.getByText("Looked for grace@example.com.")).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await test.step("a copy for the person", async () => {
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: "Copy for the person" }).click();
    const copy = await readFile(await (await coming).path(), "utf8");
    expect(copy).toContain("Main Street 1");
    expect(copy).not.toContain("alan@example.com");
  });

  await test.step("a finding is kept with a reason", async () => {
    await page.getByRole("button", { name: "Change public.tickets" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Method").selectOption("keep");
    await dialog.getByLabel("Lawful reason").fill("An open complaint");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Plan with this" }).click();
    await expect(findings).toContainText("An open complaint");
    await page.getByRole("button", { name: "Change public.tickets" }).click();
    await dialog.getByLabel("Method").selectOption("default");
    await dialog.getByRole("button", { name: "Plan with this" }).click();
    await expect(findings).not.toContainText("An open complaint");
  });

  await expect(page.getByRole("button", { name: "Erase this person" })).toHaveCount(0);
  await page.getByRole("button", { name: "Dry run" }).click();
  await expect(page.getByRole("dialog")).toContainText("3 rows would change without a fault");
  await page.keyboard.press("Escape");
  expect(await everything()).toContain("grace@example.com");

  await page.getByRole("button", { name: "Erase this person…" }).click();
  const act = { subject: "public.people 1", button: "Erase this person", reason: "Letter of 28 November" };
  await actTogether(page, browser, act, (officer) =>
    expect(officer.getByRole("table", { name: "Findings" })).toBeVisible(),
  );
  await expect(page.getByRole("heading", { level: 1, name: "Certificate of erasure: public.people 1" })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText("found nothing")).toBeVisible();
  expect(await everything()).not.toMatch(/grace@|Hopper|Main Street/);
  expect(await everything()).toContain("alan@example.com");
  expect(await violations(page)).toEqual([]);

  await test.step("its certificate is verified offline", async () => {
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: "Certificate as JSON" }).click();
    const folder = await mkdtemp(join(tmpdir(), "caretaker-certificate-"));
    const file = join(folder, "certificate.json");
    await writeFile(file, await readFile(await (await coming).path()));
    const { rows } = await controlPool().query<{ verifier: string }>("SELECT verifier FROM seal_keys");
    const args = ["bin/verify", file, "--key", rows[0]?.verifier ?? ""];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/^SIGNED\. Erasure .* approved by /);
    await rm(folder, { recursive: true });
  });

  await page.getByRole("button", { name: "Check again" }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("table", { name: "Searches after the erasure" }).locator("tbody tr")).toHaveCount(2);
  }).toPass({ timeout: 30_000 });
  await page.goto("/deleted/erasures");
  await expect(page.getByRole("row").filter({ hasText: "public.people 1" }).first()).toContainText("erased");
});

test.describe("support", () => {
  test.use({ storageState: stateOf("support") });

  test("sees that a person is searched for, and neither the words nor what was found", async ({ page }) => {
    await page.goto("/deleted/erasures");
    await expect(page.getByRole("heading", { level: 1, name: "Erasures" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Find a person" })).toHaveCount(0);
    await page.goto("/deleted/erasures/new");
    await expect(page.getByText("records.erase")).toBeVisible();
  });
});
