"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Button } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { createStream } from "./actions.ts";
import { TargetFields } from "./target-fields.tsx";

const kinds = [
  { value: "webhook", label: "Webhook (HTTPS, signed)" },
  { value: "syslog", label: "Syslog (RFC 5424)" },
  { value: "s3", label: "S3 bucket" },
];

const formats = [
  { value: "ndjson", label: "NDJSON, every column" },
  { value: "ocsf", label: "OCSF 1.3" },
];

const beginnings = [
  { value: "now", label: "What is committed from now on" },
  { value: "beginning", label: "What is in PostgreSQL first, then what comes" },
];

/** Where what the filter shows is sent, and from when on. A webhook's secret is shown once. */
export function StreamForm({ query }: { query: string }) {
  const router = useRouter();
  const [kind, setKind] = useState("webhook");
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = (id: string) => router.push(`/audit/streams/${id}`);
  return (
    <>
      <ActionForm
        action={createStream}
        submit="Create stream"
        hidden={{ query }}
        onDone={(stream) => (stream.secret ? setMade(stream) : open(stream.id))}
      >
        <Field label="Name" name="name" required>
          <Input name="name" maxLength={80} />
        </Field>
        <Field label="To" name="kind">
          <Select name="kind" value={kind} options={kinds} onChange={(event) => setKind(event.target.value)} />
        </Field>
        <TargetFields kind={kind} />
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
      <Dialog
        open={made?.secret != null}
        onClose={() => made && open(made.id)}
        title="The signing secret"
        description="The receiver checks each request with it, as standardwebhooks.com says. It cannot be shown again."
      >
        <Code text={made?.secret ?? ""} what="signing secret" />
        <div className="mt-4 flex justify-end">
          <Button look="primary" onClick={() => made && open(made.id)}>
            I have copied it
          </Button>
        </div>
      </Dialog>
    </>
  );
}
