"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { StreamView } from "#db/audit/stream/contract.ts";
import { changeStream } from "../../actions.ts";
import { FilterField } from "../../filter-field.tsx";
import { HeaderFields } from "../../header-fields.tsx";
import { beginnings, formats } from "../../options.ts";
import { SecretDialog } from "../../secret-dialog.tsx";
import { TargetFields } from "../../target-fields.tsx";

interface ChangeFormProps {
  stream: Pick<StreamView, "id" | "revision" | "name" | "kind" | "format" | "query" | "target">;
  /** The filter as text. */
  filter: string;
}

/** A stream's settings. A new signing secret is shown once. */
export function ChangeForm({ stream, filter }: ChangeFormProps) {
  const { id, revision, name, kind, format, query, target } = stream;
  const router = useRouter();
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = () => router.push(`/audit/streams/${id}`);
  return (
    <>
      <ActionForm
        action={changeStream}
        submit="Change stream"
        hidden={{ id, kind, revision: String(revision) }}
        onDone={(changed) => (changed.secret ? setMade(changed) : open())}
      >
        <Field label="Name" name="name" required>
          <Input name="name" maxLength={80} defaultValue={name} />
        </Field>
        <FilterField query={query} text={filter} />
        <Field
          label="Databases that the filter takes in newly begin with"
          name="from"
          hint="The others go on where they are; one that the filter leaves is forgotten."
        >
          <Select name="from" options={beginnings} />
        </Field>
        <TargetFields
          kind={kind}
          given={target.kind === "syslog" ? { ...target, port: String(target.port) } : target}
        />
        {target.kind === "webhook" ? (
          <>
            <HeaderFields set={target.headers ?? []} />
            <Checkbox
              name="newSecret"
              value="true"
              label="Make a new signing secret"
              hint="The receiver knows the old one: give it the new one at once, or what is sent is refused and waits."
            />
          </>
        ) : null}
        <Field label="Lines" name="format">
          <Select name="format" options={formats} defaultValue={format} />
        </Field>
      </ActionForm>
      <SecretDialog made={made} onClose={open} />
    </>
  );
}
