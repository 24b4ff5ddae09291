"use server";
import { z } from "zod";
import { staffAction } from "#app/_server/action.ts";
import * as keys from "#db/secrets/rotate.ts";
import * as tokens from "#db/staff/api-tokens.ts";
import { changePasswordSchema, createApiTokenSchema, idSchema } from "#db/staff/contract.ts";
import * as prove from "#db/staff/prove.ts";
import * as sessions from "#db/staff/sessions.ts";

export const changePassword = staffAction("self.manage", changePasswordSchema, prove.changePassword);

export const revokeSession = staffAction("self.manage", idSchema, sessions.revokeSession);

export const createApiToken = staffAction("self.manage", createApiTokenSchema, tokens.createApiToken);

export const revokeApiToken = staffAction("self.manage", idSchema, tokens.revokeApiToken);

export const rotateKeys = staffAction("keys.rotate", z.object({}), keys.rotateKeys);
