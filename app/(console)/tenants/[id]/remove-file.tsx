"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import type { TenantPaper } from "#db/tenants/leave/contract.ts";
import { removeFile } from "../actions.ts";

interface RemoveFileProps {
  paper: TenantPaper;
  tenantName: string;
  what: string;
}

export function RemoveFile({ paper, tenantName, what }: RemoveFileProps) {
  return (
    <DangerDialog
      tier="irreversible"
      verb="tenants.remove_file"
      subject={tenantName}
      effect={
        <>
          The file goes from the store for good: {what}.{" "}
          {paper.kind === "archive"
            ? "Without it nothing of the archived tenant can be brought back but from backups of its database."
            : "Nothing else of the tenant is touched."}{" "}
          Certificates that name it stay.
        </>
      }
      fields={{ id: paper.id }}
      action={removeFile}
      confirm="Remove the file"
      label="Remove…"
      doneMessage="File removed"
    />
  );
}
