import { staffHandler } from "#app/_server/handler.ts";
import { backupFilter } from "#db/backups/contract.ts";
import { listBackups } from "#db/backups/read.ts";

export const GET = staffHandler("backups.read", backupFilter, listBackups);
