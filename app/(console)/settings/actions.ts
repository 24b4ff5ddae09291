"use server";
import { z } from "zod";
import { staffAction } from "#app/_server/action.ts";
import { forgetCookie } from "#app/_server/session.ts";
import * as tokens from "#db/staff/api-tokens.ts";
import { changePasswordSchema, createApiTokenSchema, idSchema, reauthenticateSchema } from "#db/staff/contract.ts";
import * as prove from "#db/staff/prove.ts";
import * as sessions from "#db/staff/sessions.ts";

export const reauthenticate = staffAction("self.manage", reauthenticateSchema, prove.reauthenticate);

export const changePassword = staffAction("self.manage", changePasswordSchema, prove.changePassword);

export const revokeSession = staffAction("self.manage", idSchema, sessions.revokeSession);

export const signOut = staffAction("self.manage", z.object({}), async (actor) => {
  await sessions.signOut(actor);
  await forgetCookie();
});

export const createApiToken = staffAction("self.manage", createApiTokenSchema, tokens.createApiToken);

export const revokeApiToken = staffAction("self.manage", idSchema, tokens.revokeApiToken);
