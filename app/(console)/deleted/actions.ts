"use server";
import { staffAction } from "#app/_server/action.ts";
import { runRestoreInput } from "#db/records/restore/contract.ts";
import { runRestore } from "#db/records/restore/run.ts";

export const restoreRow = staffAction("records.restore", runRestoreInput, runRestore);
