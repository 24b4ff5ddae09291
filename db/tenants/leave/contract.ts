import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

const id = z.uuid("must be an id");

/** One line of JSON a row, or SQL that psql restores. */
export const exportFormats = ["ndjson", "dump"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportInput = z.object({ tenantId: id, format: z.enum(exportFormats).default("ndjson") });
export type ExportTenant = z.infer<typeof exportInput>;

export const paperReference = z.object({ id });
export type PaperReference = z.infer<typeof paperReference>;

export const removeFileInput = consentSchema.extend({ id });
export type RemoveFile = z.infer<typeof removeFileInput>;

/** A file or certificate of a tenant. */
export interface TenantPaper {
  id: string;
  tenantId: string;
  kind: "export" | "archive" | "certificate";
  /** Whether there is a file; a certificate is its facts. */
  file: boolean;
  bytes: string | null;
  sha256: string | null;
  rows: string | null;
  facts: Record<string, unknown>;
  madeBy: string;
  madeAt: string;
}

/** Archiving keeps everything in a proven file first; deleting keeps nothing. Both leave a certificate. */
export const leavings = ["archive", "delete"] as const;
export type Leaving = (typeof leavings)[number];

export const leaveInput = consentSchema.extend({ tenantId: id, how: z.enum(leavings) });
export type Leave = z.infer<typeof leaveInput>;

export interface LeavePlan {
  tenantId: string;
  name: string;
  how: Leaving;
  tables: { name: string; rows: number }[];
  rows: number;
  problems: { severity: "blocking" | "warning" | "note"; subject: string; message: string; fix: string }[];
  hash: string;
}
