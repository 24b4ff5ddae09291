"use server";
import { staffAction } from "#app/_server/action.ts";
import { decideSchema, withdrawSchema } from "#db/approvals/contract.ts";
import * as decisions from "#db/approvals/decide.ts";

export const decide = staffAction("approvals.decide", decideSchema, decisions.decide);

export const withdraw = staffAction("approvals.propose", withdrawSchema, decisions.withdraw);
