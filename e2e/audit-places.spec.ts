import { tmpdir } from "node:os";
import { expect, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

test.describe("an administrator", () => {
  test.use({ storageState: stateOf("administrator") });

  test("adds a folder for checkpoints, sees it among the places, and removes it", async ({ page }) => {
    await page.goto("/audit/proof");
    await page.getByRole("link", { name: "Add a place" }).click();
    await page.getByLabel("Name").fill("The safe of the spec");
    await page.getByLabel("Folder").fill(`${tmpdir()}/caretaker-safe-of-the-spec`);
    await page.getByRole("button", { name: "Add place" }).click();
    await page.waitForURL(/\/audit\/proof\/places\/[0-9a-f-]{36}$/);
    await page.goto("/audit/proof");
    await page.getByRole("link", { name: "The safe of the spec" }).click();
    await page.getByRole("button", { name: "Remove place…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove place" }).click();
    await page.waitForURL(/\/audit\/proof$/);
    await expect(page.getByText("The safe of the spec")).toHaveCount(0);
  });
});

test.describe("support staff", () => {
  test.use({ storageState: stateOf("support") });

  test("see where checkpoints go, and can add no place", async ({ page }) => {
    await page.goto("/audit/proof");
    await expect(page.getByRole("heading", { name: "Places for checkpoints" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Add a place" })).toHaveCount(0);
    await page.goto("/audit/proof/places/new");
    await expect(page.getByText("audit.stream")).toBeVisible();
  });
});
