"use server";
import { staffAction } from "#app/_server/action.ts";
import * as contract from "#db/records/retention/contract.ts";
import * as policies from "#db/records/retention/set-policy.ts";

export const setPolicy = staffAction("retention.manage", contract.setPolicySchema, policies.setPolicy);

export const switchOn = staffAction("records.purge", contract.switchOnSchema, policies.switchOn);

export const switchOff = staffAction("retention.manage", contract.policyReference, policies.switchOff);

export const startPurge = staffAction("retention.manage", contract.purgeNow, policies.startPurge);
