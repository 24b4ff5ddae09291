import { staffHandler } from "#app/_server/handler.ts";
import { exportDownload } from "#db/audit/export/contract.ts";
import { openExport } from "#db/audit/export/download.ts";
import { fileResponse } from "../../../export-file.ts";

export const GET = staffHandler("audit.export", exportDownload, async (actor, input) =>
  fileResponse(await openExport(actor, input)),
);
