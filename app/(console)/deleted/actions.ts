"use server";
import { staffAction } from "#app/_server/action.ts";
import { runRestoreInput } from "#db/records/contract.ts";
import { runRestore } from "#db/records/restore.ts";

export const restoreRow = staffAction("records.restore", runRestoreInput, runRestore);
