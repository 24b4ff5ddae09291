"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { requestExport } from "./actions.ts";
import { formatChoices } from "./format-words.ts";

const keeping = [1, 7, 30, 90].map((days) => ({ value: String(days), label: days === 1 ? "1 day" : `${days} days` }));

/** Format, columns, zone and keeping of an export of what the filter shows. `columns` are those that may be left out. */
export function ExportForm({ query, columns }: { query: string; columns: readonly string[] }) {
  const router = useRouter();
  const [format, setFormat] = useState("ndjson");
  const chosen = formatChoices.find(({ value }) => value === format);
  return (
    <ActionForm
      action={requestExport}
      submit="Start export"
      hidden={{ query }}
      onDone={({ jobId }) => router.push(`/audit/exports/${jobId}`)}
    >
      <Field label="Format" name="format" hint={chosen?.hint}>
        <Select
          name="format"
          value={format}
          options={formatChoices}
          onChange={(event) => setFormat(event.target.value)}
        />
      </Field>
      {format === "csv" ? (
        <>
          <Field label="Time zone" name="zone" hint="Of created_at, with its offset: UTC or such as Europe/Berlin.">
            <Input name="zone" defaultValue="UTC" />
          </Field>
          <Checkbox
            name="withNdjson"
            value="true"
            defaultChecked
            label="With the same entries as NDJSON beside it"
            hint="CSV is not lossless. It takes as long again."
          />
        </>
      ) : null}
      {format === "ndjson" ? (
        <Checkbox
          name="withProofs"
          value="true"
          label="With proofs"
          hint="A file that proves offline, with bin/verify, that each entry is what was sealed. It needs every column, and waits a minute or two for the seal."
        />
      ) : null}
      {format === "ocsf" ? null : (
        <fieldset>
          <legend className="mb-1 font-medium">Columns</legend>
          <p className="mb-1 text-faint text-xs">
            id and created_at are always there. With all of them an NDJSON export can be checked against the log's
            proofs.
          </p>
          <input type="hidden" name="columns" value="id" />
          <div className="grid grid-cols-2 gap-x-4">
            {columns.map((column) => (
              <Checkbox key={column} name="columns" value={column} defaultChecked label={<code>{column}</code>} />
            ))}
          </div>
        </fieldset>
      )}
      <Field
        label="Keep the file for"
        name="keepDays"
        hint="Links to it end with it. That it was made is kept for good."
      >
        <Select name="keepDays" options={keeping} defaultValue="7" />
      </Field>
    </ActionForm>
  );
}
