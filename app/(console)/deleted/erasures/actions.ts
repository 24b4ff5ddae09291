"use server";
import { staffAction } from "#app/_server/action.ts";
import { checkErasure } from "#db/records/erasure/check.ts";
import { closeDatabase } from "#db/records/erasure/closing/close.ts";
import { closeDatabaseInput, openDatabaseInput, replayErasuresInput } from "#db/records/erasure/closing/contract.ts";
import { openDatabase } from "#db/records/erasure/closing/open.ts";
import {
  chooseErasureInput,
  erasureReference,
  runErasureInput,
  startErasureInput,
} from "#db/records/erasure/contract.ts";
import { rehearseErasure } from "#db/records/erasure/rehearse.ts";
import { replayErasures } from "#db/records/erasure/replay.ts";
import { resumeErasure, runErasure } from "#db/records/erasure/run.ts";
import { chooseErasure, searchAgain, startErasure } from "#db/records/erasure/start.ts";

export const findPerson = staffAction("records.erase", startErasureInput, startErasure);
export const findAgain = staffAction("records.erase", erasureReference, searchAgain);
export const chooseMethod = staffAction("records.erase", chooseErasureInput, chooseErasure);
export const rehearse = staffAction("records.erase", erasureReference, rehearseErasure);
export const erase = staffAction("records.erase", runErasureInput, runErasure);
export const goOn = staffAction("records.erase", erasureReference, resumeErasure);
export const checkAgain = staffAction("records.erase", erasureReference, checkErasure);
export const replay = staffAction("records.erase", replayErasuresInput, replayErasures);
export const closeToApplication = staffAction("records.erase", closeDatabaseInput, closeDatabase);
export const openToApplication = staffAction("records.erase", openDatabaseInput, openDatabase);
