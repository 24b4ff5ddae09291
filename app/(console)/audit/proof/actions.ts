"use server";
import { staffAction } from "#app/_server/action.ts";
import { beginEpochInput, verifyInput } from "#db/audit/proof/contract.ts";
import * as epoch from "#db/audit/proof/epoch.ts";
import * as standing from "#db/audit/proof/standing.ts";

export const startVerification = staffAction("audit.verify", verifyInput, standing.startVerification);

export const beginEpoch = staffAction("audit.verify", beginEpochInput, epoch.beginEpoch);
