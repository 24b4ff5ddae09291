"use server";
import { staffAction } from "#app/_server/action.ts";
import * as start from "#db/audit/archive/start.ts";
import * as contract from "#db/audit/retention/contract.ts";
import * as expire from "#db/audit/retention/expire-month.ts";
import * as rules from "#db/audit/retention/set-retention.ts";

export const setRetention = staffAction("retention.manage", contract.setRetentionSchema, rules.setRetention);

export const archiveMonth = staffAction("retention.manage", contract.monthReference, start.startArchive);

export const returnMonth = staffAction("retention.manage", contract.monthReference, start.startReturn);

export const expireMonth = staffAction("retention.manage", contract.expireMonthSchema, expire.startExpiry);
