"use server";
import { staffAction } from "#app/_server/action.ts";
import * as contract from "#db/moves/contract.ts";
import * as sweep from "#db/moves/sweep/inputs.ts";
import * as remove from "#db/moves/sweep/remove.ts";
import * as act from "#db/moves/verbs/act.ts";
import * as give from "#db/moves/verbs/give-up.ts";
import * as schedule from "#db/moves/verbs/schedule.ts";
import * as start from "#db/moves/verbs/start.ts";

export const startMove = staffAction("tenants.move", contract.startMoveInput, start.startMove);

export const pauseMove = staffAction("tenants.move", contract.actOnMoveInput, act.pauseMove);

export const resumeMove = staffAction("tenants.move", contract.actOnMoveInput, act.resumeMove);

export const verifyMove = staffAction("tenants.move", contract.actOnMoveInput, act.verifyMove);

export const cutOverMove = staffAction("tenants.move", contract.actOnMoveInput, act.cutOverMove);

export const scheduleCutover = staffAction("tenants.move", contract.scheduleInput, schedule.scheduleCutover);

export const reverseMove = staffAction("tenants.move", contract.actOnMoveInput, act.reverseMove);

export const abortMove = staffAction("tenants.move", contract.actOnMoveInput, act.abortMove);

export const throttleMove = staffAction("tenants.move", contract.throttleInput, act.throttleMove);

export const completeMove = staffAction("tenants.move", contract.actOnMoveInput, act.completeMove);

export const giveUpPlace = staffAction("tenants.move", contract.actOnMoveInput, give.giveUpPlace);

export const removeLeftovers = staffAction("tenants.move", sweep.removeLeftoversInput, remove.removeLeftovers);
