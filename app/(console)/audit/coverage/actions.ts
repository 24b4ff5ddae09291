"use server";
import { staffAction } from "#app/_server/action.ts";
import { classifyInput, leaveOutInput } from "#db/audit/coverage/contract.ts";
import * as classify from "#db/databases/coverage/classify-columns.ts";
import * as leaveOut from "#db/databases/coverage/leave-out.ts";

export const classifyColumns = staffAction("databases.manage", classifyInput, classify.classifyColumns);

export const leaveOutColumns = staffAction("databases.manage", leaveOutInput, leaveOut.leaveOutColumns);
