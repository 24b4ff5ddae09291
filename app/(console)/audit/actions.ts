"use server";
import { staffAction } from "#app/_server/action.ts";
import { removeView as removeViewInput, saveView as saveViewInput } from "#db/audit/contract.ts";
import { removeAuditView, saveAuditView } from "#db/audit/saved-views.ts";

export const saveView = staffAction("self.manage", saveViewInput, saveAuditView);

export const removeView = staffAction("self.manage", removeViewInput, removeAuditView);
