"use server";
import { staffAction } from "#app/_server/action.ts";
import * as contract from "#db/backups/contract.ts";
import * as keep from "#db/backups/keep.ts";
import * as remove from "#db/backups/remove.ts";
import * as run from "#db/backups/run.ts";
import * as verify from "#db/backups/verify.ts";

export const runBackup = staffAction("backups.run", contract.runBackupInput, run.runBackup);

export const verifyBackup = staffAction("backups.run", contract.backupReference, verify.verifyBackup);

export const setKeep = staffAction("retention.manage", contract.setKeepInput, keep.setKeep);

export const removeBackup = staffAction("retention.manage", contract.removeBackupInput, remove.removeBackup);
