import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "./actor.ts";
import type { Consent } from "./approvals/contract.ts";
import { closeControl, inControl } from "./control.ts";
import { type Need, requireConsent } from "./danger.ts";
import { staffActor, systemActor } from "./mint.ts";
import { freshControl } from "./testing/databases.ts";
import { type Person, person } from "./testing/people.ts";

let ada: Person;
const irreversible: Need = { verb: "tenants.suspend", tier: "irreversible", subject: "Acme" };
const whole: Consent = { typed: "Acme", reason: "unpaid since May" };

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator");
});

afterAll(closeControl);

function ask(actor: Actor, need: Need, consent: Consent): Promise<string | null> {
  return inControl(actor, (tx) => requireConsent(tx, actor, need, consent));
}

test("a reversible or costly act without a plan needs nothing more than the deed", async () => {
  await ask(ada.actor, { ...irreversible, tier: "reversible" }, {});
  await ask(ada.actor, { ...irreversible, tier: "costly" }, {});
});

test("an irreversible act needs the exact name and a reason, and says which is missing", async () => {
  await ask(ada.actor, irreversible, whole);
  const refused = ask(ada.actor, irreversible, { typed: "acme", reason: "  " });
  await expect(refused).rejects.toMatchObject({
    code: "invalid",
    fieldErrors: { typed: expect.stringContaining("Acme"), reason: expect.any(String) },
  });
});

test("an irreversible act needs the password given within five minutes by PostgreSQL's clock", async () => {
  const sixMinutesAgo = new Date(Date.now() - 6 * 60_000).toISOString();
  for (const reauthenticatedAt of [null, sixMinutesAgo]) {
    const actor = staffActor({ staffId: ada.id, name: "Ada", role: "administrator", reauthenticatedAt });
    await expect(ask(actor, irreversible, whole)).rejects.toMatchObject({ code: "reauthentication" });
  }
});

test("the system has no password, but it too names the subject and says why", async () => {
  await ask(systemActor("command line"), irreversible, whole);
  await expect(ask(systemActor("command line"), irreversible, {})).rejects.toMatchObject({ code: "invalid" });
});

test("a plan that changed since it was shown is refused in every tier", async () => {
  for (const tier of ["reversible", "costly", "irreversible"] as const) {
    const need = { ...irreversible, tier, planHash: "now" };
    await expect(ask(ada.actor, need, { ...whole, planHash: "before" })).rejects.toMatchObject({ code: "stale_plan" });
    await expect(ask(ada.actor, need, whole)).rejects.toMatchObject({ code: "stale_plan" });
    await ask(ada.actor, need, { ...whole, planHash: "now" });
  }
});

test("an act that needs a second person does not happen without an approval", async () => {
  const need = { ...irreversible, planHash: "now", secondPerson: true };
  const consent = { ...whole, planHash: "now" };
  await expect(ask(ada.actor, need, consent)).rejects.toMatchObject({ code: "approval" });
  await expect(ask(systemActor("command line"), need, consent)).rejects.toMatchObject({ code: "approval" });
});
