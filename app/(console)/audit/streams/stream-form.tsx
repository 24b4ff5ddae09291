"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { createStream } from "./actions.ts";
import { FilterField } from "./filter-field.tsx";
import { HeaderFields } from "./header-fields.tsx";
import { beginnings, formats } from "./options.ts";
import { SecretDialog } from "./secret-dialog.tsx";
import { TargetFields } from "./target-fields.tsx";

const kinds = [
  { value: "webhook", label: "Webhook (HTTPS, signed)" },
  { value: "syslog", label: "Syslog (RFC 5424)" },
  { value: "s3", label: "S3 bucket" },
];

/** Where what the filter shows is sent, and from when on. A webhook's secret is shown once. */
export function StreamForm({ query, filter }: { query: string; filter: string }) {
  const router = useRouter();
  const [kind, setKind] = useState("webhook");
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = (id: string) => router.push(`/audit/streams/${id}`);
  return (
    <>
      <ActionForm
        action={createStream}
        submit="Create stream"
        onDone={(stream) => (stream.secret ? setMade(stream) : open(stream.id))}
      >
        <Field label="Name" name="name" required>
          <Input name="name" maxLength={80} />
        </Field>
        <FilterField query={query} text={filter} />
        <Field label="To" name="kind">
          <Select name="kind" value={kind} options={kinds} onChange={(event) => setKind(event.target.value)} />
        </Field>
        <TargetFields kind={kind} />
        {kind === "webhook" ? <HeaderFields /> : null}
        <Field label="Lines" name="format">
          <Select name="format" options={formats} />
        </Field>
        <Field
          label="Begin with"
          name="from"
          hint="Archived months are not sent: bring them back first, or export them. A month is archived only once the stream has sent it."
        >
          <Select name="from" options={beginnings} />
        </Field>
      </ActionForm>
      <SecretDialog made={made} onClose={open} />
    </>
  );
}
