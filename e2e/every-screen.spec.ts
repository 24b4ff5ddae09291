import { test } from "@playwright/test";
import { signedOut, stateOf } from "./harness.ts";
import { open } from "./open-screen.ts";
import { expectPromises } from "./promises.ts";
import { absentScreens, forbiddenScreens, openScreens, type Screen, screens } from "./screens.ts";

test.describe.configure({ mode: "parallel" });

function promise(screen: Screen): void {
  test(`${screen.name} can be used by everybody, light and dark, fits 390 pixels and sends less than 200 kB of JavaScript`, async ({
    page,
  }) => {
    await expectPromises(page, () => open(page, screen));
  });
}

for (const screen of [...screens, ...absentScreens]) promise(screen);

test.describe("for support", () => {
  test.use({ storageState: stateOf("support") });
  for (const screen of forbiddenScreens) promise(screen);
});

test.describe("signed out", () => {
  test.use({ storageState: signedOut });
  for (const screen of openScreens) promise(screen);
});
