"use server";
import { staffAction } from "#app/_server/action.ts";
import {
  removeView as removeViewInput,
  saveView as saveViewInput,
  setReading as setReadingInput,
} from "#db/audit/contract.ts";
import { setReading as setReadingVerb } from "#db/audit/reading.ts";
import { removeAuditView, saveAuditView } from "#db/audit/saved-views.ts";

export const saveView = staffAction("self.manage", saveViewInput, saveAuditView);

export const removeView = staffAction("self.manage", removeViewInput, removeAuditView);

export const setReading = staffAction("staff.manage", setReadingInput, setReadingVerb);
