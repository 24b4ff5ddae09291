"use server";
import { staffAction } from "#app/_server/action.ts";
import * as contract from "#db/audit/export/contract.ts";
import * as links from "#db/audit/export/links.ts";
import * as request from "#db/audit/export/request.ts";

export const requestExport = staffAction("audit.export", contract.exportRequest, request.requestExport);

export const issueExportLink = staffAction("audit.export", contract.issueLink, links.issueExportLink);

export const revokeExportLink = staffAction("audit.export", contract.revokeLink, links.revokeExportLink);
