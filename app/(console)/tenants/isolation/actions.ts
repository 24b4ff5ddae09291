"use server";
import { staffAction } from "#app/_server/action.ts";
import { databaseId } from "#db/databases/contract.ts";
import * as accept from "#db/databases/isolation/accept.ts";
import * as inputs from "#db/databases/isolation/inputs.ts";
import * as jobs from "#db/databases/isolation/jobs.ts";

export const startIsolationCheck = staffAction("databases.manage", databaseId, jobs.startIsolationCheck);

export const acceptFinding = staffAction("databases.manage", inputs.acceptFindingInput, accept.acceptFinding);

export const withdrawAcceptance = staffAction(
  "databases.manage",
  inputs.withdrawAcceptanceInput,
  accept.withdrawAcceptance,
);
