import { expect, type Page } from "@playwright/test";
import { inDatabase } from "./foreign.ts";

export interface OwnTenant {
  name: string;
  id: string;
  /** As the application knows it. */
  key: string;
}

/** A name that no other test takes, and that sorts among none of the demo's. */
export function ownName(what: string): string {
  return `Own ${what} ${crypto.randomUUID().slice(0, 8)}`;
}

/**
 * A tenant of the demo that only one test knows: tests run side by side, and one that takes the first of the list would meet
 * another that suspends, moves or removes it. It has two people.
 */
export async function ownTenant(page: Page, what: string): Promise<OwnTenant> {
  const name = ownName(what);
  await page.goto("/tenants/create?tier=shared");
  await fillTenant(page, name);
  await page.getByRole("button", { name: "Create tenant" }).click();
  await page.waitForURL(/\/tenants\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const [row] = await inDatabase("demo", "SELECT id FROM public.tenants WHERE name = $1", [name]);
  const key = String(row?.id);
  await inDatabase(
    "demo",
    `INSERT INTO public.users (tenant_id, email, name, role, password_hash)
     SELECT $1, name || '@example.com', name, 'member', 'none' FROM unnest('{ines,omar}'::text[]) AS name`,
    [key],
  );
  return { name, id: new URL(page.url()).pathname.split("/").at(-1) ?? "", key };
}

/** The form of the demo asks for a plan and a country besides the name. */
export async function fillTenant(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("plan", { exact: true }).selectOption("team");
  await page.getByLabel("country", { exact: true }).fill("FI");
}
