"use client";
import { useRouter } from "next/navigation";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import { exportTenant } from "../actions.ts";

export function ExportTenant({ tenantId }: { tenantId: string }) {
  const router = useRouter();
  return (
    <DialogButton
      small
      label="Export everything…"
      title="Export everything"
      description="Every row of this tenant as it is at one moment, in one file with its SHA-256. Nothing is changed."
    >
      <ActionForm
        action={exportTenant}
        submit="Start export"
        hidden={{ tenantId }}
        onDone={({ jobId }) => router.push(`/jobs/${jobId}`)}
      >
        <Field
          label="Format"
          name="format"
          hint="psql restores a dump into an empty database, with its tables and keys."
        >
          <Select
            name="format"
            options={[
              { value: "ndjson", label: "NDJSON: one line of JSON a row" },
              { value: "dump", label: "Dump: SQL with tables, rows and keys" },
            ]}
          />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
