import { expect, test } from "vitest";
import { bulkText } from "./bulk-text.ts";

const chosen = ["Acme", "Blue", "Coral", "Dune", "Elm"].map((name) => ({ id: name.toLowerCase(), name }));
const refused = (names: readonly string[]) =>
  names.map((name) => ({ tenantId: name.toLowerCase(), message: `${name} is archived.` }));

test("what was done is counted", () => {
  expect(bulkText({ done: 2, refused: [] }, "suspended", chosen)).toBe("2 tenants suspended");
});

test("those that were refused are named, each with why", () => {
  expect(bulkText({ done: 1, refused: refused(["Acme", "Blue"]) }, "suspended", chosen)).toBe(
    "1 tenant suspended, 2 refused. Acme: Acme is archived. Blue: Blue is archived.",
  );
});

test("many refusals name the first three and count the others", () => {
  const text = bulkText({ done: 0, refused: refused(["Acme", "Blue", "Coral", "Dune", "Elm"]) }, "reopened", chosen);
  expect(text).toContain("Coral: Coral is archived. And 2 more.");
  expect(text).not.toContain("Dune");
});
