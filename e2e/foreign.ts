import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import pg from "pg";
import { rentalStore, signing, signingRows } from "#db/testing/foreign/originals.ts";
import { accountOf, serverUrl } from "./harness.ts";

// Each step reads a whole catalog or waits for the worker.
export const eventually = expect.configure({ timeout: 150_000 });

export interface Foreign {
  name: string;
  url: URL;
  /** The same database, as the role that the application connects as. */
  app: URL;
}

const schemas = { rental: rentalStore, signing: async () => `${await signing()};\n${signingRows()}` };

/** A fresh database with a schema that nobody here wrote, or ours with its traits, and a role of its application's own. */
export async function foreign(schema: keyof typeof schemas): Promise<Foreign> {
  const name = `${schema}_${randomBytes(4).toString("hex")}`;
  const url = serverUrl();
  await run(url, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  await run(url, await schemas[schema]());
  const app = new URL(url);
  app.username = `${name}_app`;
  app.password = randomBytes(12).toString("hex");
  await run(url, `CREATE ROLE ${app.username} LOGIN PASSWORD '${app.password}'`);
  const [found] = await run(
    url,
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  for (const { name: one } of found?.rows ?? []) {
    await run(url, `GRANT USAGE ON SCHEMA ${one} TO ${app.username}`);
    await run(url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${one} TO ${app.username}`);
    await run(url, `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${one} TO ${app.username}`);
  }
  return { name, url, app };
}

export async function run(url: URL, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client(url.href);
  await client.connect();
  const results: pg.QueryResult[] = [];
  for (const sql of statements) results.push(await client.query(sql));
  await client.end();
  return results;
}

/** One statement in a database of the private server, such as the demo's. */
export async function inDatabase(
  name: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(Object.assign(serverUrl(), { pathname: `/${name}` }).href);
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export async function schemaLines({ url }: Foreign): Promise<unknown> {
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

/** Registers a server, as a person goes: the same one may be known by several names. */
export async function addServer(page: Page, name: string, url: URL): Promise<void> {
  await page.goto("/databases/add");
  const given = new URL(url);
  given.searchParams.set("sslmode", "disable");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Connection URL").fill(given.href);
  // A click before the page is alive is lost; trying a connection again changes nothing.
  await eventually(async () => {
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText(/It answers: PostgreSQL/)).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await page.getByRole("button", { name: "Add server" }).click();
  await eventually(page).toHaveURL(/server=/);
}

/** From the server's URL to the confirmed plan, as a person goes. */
export async function adopt(page: Page, { name, url }: Foreign, rowSecurity: string[] = []): Promise<string> {
  await addServer(page, `server of ${name}`, url);
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

export async function remove(page: Page, { name }: Foreign, id: string): Promise<void> {
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
