import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect as expectSoon, request, test } from "@playwright/test";
import { signedOut, stateOf } from "./harness.ts";

// An export takes as long as it takes.
const expect = expectSoon.configure({ timeout: 60_000 });

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test.describe("compliance staff", () => {
  test.use({ storageState: stateOf("compliance") });

  test("export what the filter shows, download it whole, and give a reviewer a link that can be ended", async ({
    page,
    baseURL,
  }) => {
    test.setTimeout(300_000);
    await page.goto("/audit?q=action%3Acreate&database=console");
    await page.getByRole("link", { name: "Export…" }).click();
    await page.waitForURL(/\/audit\/exports\/new\?/);
    await expect(page.getByText(/About [\d,]+ entries of 1 database/)).toBeVisible();
    await page.getByLabel("Format").selectOption("csv");
    await page.getByRole("button", { name: "Start export" }).click();
    await page.waitForURL(/\/audit\/exports\/[0-9a-f-]{36}$/);

    const download = page.getByRole("link", { name: "Download export" });
    await expect(download).toBeVisible();
    const downloading = page.waitForEvent("download");
    await download.click();
    const file = await readFile(await (await downloading).path());
    expect(
      await page
        .getByText(/^[0-9a-f]{64}$/)
        .first()
        .textContent(),
    ).toBe(sha256(file));
    expect(file.toString()).toMatch(/\n#end export=[0-9a-f-]{36} rows=\d+ sha256=[0-9a-f]{64},+\n$/);

    await page.getByRole("button", { name: "Issue link" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("For whom").fill("The auditor");
    await dialog.getByRole("button", { name: "Issue link" }).click();
    const shown = page.getByText(/\/api\/audit\/export-links\/[\w-]{43}$/).first();
    await expect(shown).toBeVisible();
    const path = new URL((await shown.innerText()).trim()).pathname;
    await page.keyboard.press("Escape");

    const reviewer = await request.newContext({ baseURL, storageState: signedOut });
    expect(sha256(await (await reviewer.get(path)).body())).toBe(sha256(file));
    await page.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("revoked", { exact: true })).toBeVisible();
    expect((await reviewer.get(path)).status()).toBe(404);
    await reviewer.dispose();

    await page.goto("/audit?q=action%3Aexport-downloaded&database=console");
    await expect(page.getByRole("table").locator("tbody tr").first()).toBeVisible();
  });
});

test.describe("compliance staff who want proofs", () => {
  test.use({ storageState: stateOf("compliance") });

  test("have them written with the export, and are shown how to check them", async ({ page }) => {
    test.setTimeout(300_000);
    await page.goto("/audit/exports/new?q=action%3Acreate&database=console");
    await page.getByLabel("With proofs").check();
    await page.getByRole("button", { name: "Start export" }).click();
    await page.waitForURL(/\/audit\/exports\/[0-9a-f-]{36}$/);
    // It waits for the next seals, each a minute apart.
    await expect(page.getByRole("link", { name: "Download proof" })).toBeVisible({ timeout: 240_000 });
    await expect(page.getByText(/bin\/verify audit_\S+\.ndjson --key 'caretaker-audit\+/).first()).toBeVisible();
  });
});

test.describe("an administrator", () => {
  test.use({ storageState: stateOf("administrator") });

  test("creates a stream, sees its secret once, changes, pauses and removes it", async ({ page }) => {
    test.setTimeout(180_000);
    await page.goto("/audit/streams/new?q=action%3Adelete");
    await page.getByLabel("Name").fill("SIEM of the spec");
    await page.getByLabel("Address").fill("http://127.0.0.1:9/nobody");
    await page.getByLabel("Headers").fill("Authorization: Bearer of the spec");
    await page.getByRole("button", { name: "Create stream" }).click();
    await expect(page.getByText(/^whsec_/)).toBeVisible();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.waitForURL(/\/audit\/streams\/[0-9a-f-]{36}$/);
    await page.getByRole("button", { name: "Send a test event" }).click();
    await expect(page.getByRole("dialog", { name: "The test event did not arrive" })).toContainText("127.0.0.1:9");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Change stream" }).click();
    await page.getByLabel("Headers").fill("Authorization: Bearer of another spec");
    await page.getByRole("button", { name: "Change stream" }).click();
    await expect(page.getByText("Nothing was changed, since a test event did not arrive.")).toBeVisible();
    await page.getByLabel("Headers").fill("");
    await page.getByLabel("Name").fill("SIEM of the spec, renamed");
    await page.getByRole("textbox", { name: /^Filter/ }).fill("action:delete,truncate");
    await page.getByRole("button", { name: "Change stream" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "SIEM of the spec, renamed" })).toBeVisible();
    await expect(page.getByText("Authorization, with sealed values")).toBeVisible();
    await expect(page.getByText("of the spec", { exact: true })).toHaveCount(0);
    await page.getByRole("button", { name: "Pause stream" }).click();
    await expect(page.getByRole("button", { name: "Resume stream" })).toBeVisible();
    await page.getByRole("button", { name: "Remove stream…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove stream" }).click();
    await page.waitForURL(/\/audit\/streams$/);
    await expect(page.getByText("SIEM of the spec")).toHaveCount(0);
  });
});

test.describe("support staff", () => {
  test.use({ storageState: stateOf("support") });

  test("see what was exported, and can neither export nor download", async ({ page }) => {
    await page.goto("/audit/exports");
    await expect(page.getByRole("heading", { level: 1, name: "Exports" })).toBeVisible();
    await expect(page.getByRole("link", { name: "New export" })).toHaveCount(0);
    await page.goto("/audit/exports/new");
    await expect(page.getByText("audit.export")).toBeVisible();
    await page.goto("/audit");
    await expect(page.getByRole("link", { name: "Export…" })).toHaveCount(0);
  });
});
