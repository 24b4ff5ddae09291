"use server";
import { staffAction } from "#app/_server/action.ts";
import { releaseHoldSchema } from "#db/audit/retention/contract.ts";
import { placeHoldSchema } from "#db/records/holds/contract.ts";
import * as holds from "#db/records/holds/place.ts";

export const placeHold = staffAction("retention.manage", placeHoldSchema, holds.placeHold);

export const releaseHold = staffAction("retention.manage", releaseHoldSchema, holds.releaseHold);
