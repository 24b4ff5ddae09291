"use server";
import { staffAction } from "#app/_server/action.ts";
import { verifyInput } from "#db/audit/proof/contract.ts";
import * as standing from "#db/audit/proof/standing.ts";

export const startVerification = staffAction("audit.verify", verifyInput, standing.startVerification);
