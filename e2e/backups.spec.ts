import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect as expectSoon, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

// A dump takes as long as it takes.
const expect = expectSoon.configure({ timeout: 60_000 });

// The console's own database is always there, and small.
const ours = "Back up Caretaker's own";

test.describe("an administrator", () => {
  test.use({ storageState: stateOf("administrator") });

  test("backs a database up, watches it, verifies it and downloads what was written", async ({ page }) => {
    test.setTimeout(300_000);
    await page.goto("/backups");
    await expect(page.getByText(/databases? ha(s|ve) (a|no) good backup younger than a day/)).toBeVisible({
      timeout: 30_000,
    });
    await page.getByRole("button", { name: ours }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("heading", { level: 1, name: /^Backup of / })).toBeVisible();
    await page.getByRole("link", { name: "Look at the backup" }).click();
    await page.waitForURL(/\/backups\/[0-9a-f-]{36}$/);
    const backup = page.url();

    await page.getByRole("button", { name: "Verify checksum" }).click();
    await page.waitForURL(/\/jobs\//);
    await expect(page.getByRole("link", { name: "Look at the backup" })).toBeVisible();

    await page.goto(backup);
    await expect(page.getByText(/its file was read again/)).toBeVisible();
    const sum = await page.getByText(/^[0-9a-f]{64}$/).textContent();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download dump" }).click();
    const file = await (await downloading).path();
    expect(
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ).toBe(sum);
  });

  test("hears of each state of a job once, also after coming back", async ({ page }) => {
    await page.goto("/backups");
    const { rows } = await (await page.request.get("/api/jobs?state=done")).json();
    const { id, revision } = rows[0];
    const events = await page.request.get(`/api/jobs/${id}/events`);
    expect(events.headers()["content-type"]).toContain("text/event-stream");
    expect(await events.text()).toContain(`id: ${revision}\n`);
    const again = await page.request.get(`/api/jobs/${id}/events`, { headers: { "last-event-id": String(revision) } });
    expect(again.status()).toBe(204);
  });
});

test.describe("support staff", () => {
  test.use({ storageState: stateOf("support") });

  test("see the backups, and can neither run nor download one", async ({ page }) => {
    await page.goto("/backups");
    await expect(page.getByRole("table", { name: "Backups by database" })).toBeVisible();
    await expect(page.getByRole("button", { name: ours })).toHaveCount(0);
    const { rows } = await (await page.request.get("/api/backups?state=good")).json();
    expect((await page.request.get(`/api/backups/${rows[0].id}/download`)).status()).toBe(403);
  });
});
