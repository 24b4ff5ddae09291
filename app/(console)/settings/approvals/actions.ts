"use server";
import { staffAction } from "#app/_server/action.ts";
import { decideSchema, proposeSchema, withdrawSchema } from "#db/approvals/contract.ts";
import * as decisions from "#db/approvals/decide.ts";
import * as proposals from "#db/approvals/propose.ts";

export const propose = staffAction("approvals.propose", proposeSchema, proposals.propose);

export const decide = staffAction("approvals.decide", decideSchema, decisions.decide);

export const withdraw = staffAction("approvals.propose", withdrawSchema, decisions.withdraw);
