"use server";
import { staffAction } from "#app/_server/action.ts";
import { chooseInput, runRestoreInput } from "#db/records/restore/contract.ts";
import { chooseRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";

export const restoreRows = staffAction("records.restore", runRestoreInput, (actor, input) => runRestore(actor, input));

export const choose = staffAction("records.read", chooseInput, chooseRestore);
