import { staffHandler } from "#app/_server/handler.ts";
import { exportList, exportRequest } from "#db/audit/export/contract.ts";
import { listExports } from "#db/audit/export/list.ts";
import { requestExport } from "#db/audit/export/request.ts";

export const GET = staffHandler("audit.read", exportList, (actor, { cursor }) => listExports(actor, cursor ?? null));

/** Asks for an export; its job is at /api/jobs/ID and its file, once ready, at /api/audit/exports/ID/download. */
export const POST = staffHandler("audit.export", exportRequest, requestExport);
