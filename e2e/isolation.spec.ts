import { expect, type Page, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

test.describe.configure({ mode: "serial", timeout: 240_000 });

// The check waits for a worker.
const eventually = expect.configure({ timeout: 90_000 });

async function openDemo(page: Page): Promise<void> {
  await page.goto("/tenants/isolation");
  await page
    .getByRole("table", { name: "Isolation by database" })
    .getByRole("link", { name: "demo", exact: true })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Isolation of demo" })).toBeVisible();
}

test("an administrator checks the demo, sees what leaks with what mends it, accepts it, and takes that back", async ({
  page,
}) => {
  await openDemo(page);
  const findings = page.getByRole("region", { name: "Findings" });
  // A click before the page is alive is lost; checking again changes nothing.
  await eventually(async () => {
    await page.getByRole("button", { name: "Check isolation" }).click();
    await expect(findings).toBeVisible({ timeout: 20_000 });
  }).toPass();
  const comments = findings.getByRole("listitem").filter({ hasText: "comments: leak by" });
  await expect(comments).toContainText("Row security is not switched on");
  await expect(comments).toContainText("CREATE POLICY");
  const tables = page.getByRole("table", { name: "Isolation by table" });
  await expect(tables.getByRole("row", { name: /^posts / })).toContainText("kept apart");

  await tables.getByRole("link", { name: "comments", exact: true }).click();
  await expect(
    page.getByRole("table", { name: "Attempts" }).getByRole("row", { name: /^select tenant/ }),
  ).toContainText("leaked");
  await page.goBack();

  await comments.getByRole("button", { name: "Accept…" }).click();
  await page.getByLabel("Why it may stay").fill("The application joins comments to posts everywhere.");
  await page.getByRole("button", { name: "Accept finding" }).click();
  await eventually(page.getByText("1 finding accepted")).toBeVisible();
  await page.getByText("1 finding accepted").click();
  await expect(page.getByText(/Accepted by .* The application joins comments/)).toBeVisible();
  await page.getByRole("button", { name: "Withdraw" }).click();
  await eventually(comments.getByRole("button", { name: "Accept…" })).toBeVisible();

  await page.goto("/");
  await eventually(page.getByRole("link", { name: /demo: Tenants kept apart/ })).toBeVisible();
});

test.describe("as support", () => {
  test.use({ storageState: stateOf("support") });

  test("isolation is read, and neither checked nor accepted", async ({ page }) => {
    await openDemo(page);
    await expect(page.getByRole("region", { name: "Findings" })).toContainText("comments: leak by");
    await expect(page.getByRole("button", { name: "Check isolation" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Accept…" })).toHaveCount(0);
  });
});
