"use server";
import { z } from "zod";
import { staffAction } from "#app/_server/action.ts";
import { writePreferences } from "#app/_server/preferences.ts";
import { forgetCookie } from "#app/_server/session.ts";
import { proposeSchema } from "#db/approvals/contract.ts";
import { propose } from "#db/approvals/propose.ts";
import { reauthenticateSchema } from "#db/staff/contract.ts";
import { reauthenticate } from "#db/staff/prove.ts";
import { signOut } from "#db/staff/sessions.ts";
import { preferenceChange } from "./preferences.ts";

export const setPreferences = staffAction("self.manage", preferenceChange, async (_actor, changed) => {
  await writePreferences(changed);
  return {};
});

export const proveAgain = staffAction("self.manage", reauthenticateSchema, reauthenticate);

export const askSecondPerson = staffAction("approvals.propose", proposeSchema, propose);

export const leave = staffAction("self.manage", z.object({}), async (actor) => {
  await signOut(actor);
  await forgetCookie();
});
