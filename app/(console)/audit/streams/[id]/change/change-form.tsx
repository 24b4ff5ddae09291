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
import { formats } from "../../formats.ts";
import { HeaderFields } from "../../header-fields.tsx";
import { SecretDialog } from "../../secret-dialog.tsx";
import { TargetFields } from "../../target-fields.tsx";

type ChangeFormProps = Pick<StreamView, "id" | "name" | "kind" | "format" | "seen" | "target">;

/** A stream's settings but for its filter. A new signing secret is shown once. */
export function ChangeForm({ id, name, kind, format, seen, target }: ChangeFormProps) {
  const router = useRouter();
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = () => router.push(`/audit/streams/${id}`);
  return (
    <>
      <ActionForm
        action={changeStream}
        submit="Change stream"
        hidden={{ id, kind, seen }}
        onDone={(stream) => (stream.secret ? setMade(stream) : open())}
      >
        <Field label="Name" name="name" required>
          <Input name="name" maxLength={80} defaultValue={name} />
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
