"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { SecretDialog } from "../../streams/secret-dialog.tsx";
import { TargetFields } from "../../streams/target-fields.tsx";
import { addPlace } from "../actions.ts";

const kinds = [
  { value: "folder", label: "Folder" },
  { value: "s3", label: "S3 bucket" },
  { value: "webhook", label: "Webhook (HTTPS, signed)" },
];

/** Where checkpoints are to go as well. A webhook's secret is shown once. */
export function PlaceForm() {
  const router = useRouter();
  const [kind, setKind] = useState("folder");
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = (id: string) => router.push(`/audit/proof/places/${id}`);
  return (
    <>
      <ActionForm
        action={addPlace}
        submit="Add place"
        onDone={(place) => (place.secret ? setMade(place) : open(place.id))}
      >
        <Field label="Name" name="name" required>
          <Input name="name" maxLength={80} />
        </Field>
        <Field label="To" name="kind">
          <Select name="kind" value={kind} options={kinds} onChange={(event) => setKind(event.target.value)} />
        </Field>
        {kind === "folder" ? (
          <Field
            label="Folder"
            name="folder"
            hint="A folder that is there already on the worker's machine, such as a mounted share of somebody else's."
            required
          >
            <Input name="folder" mono placeholder="/mnt/evidence/caretaker" />
          </Field>
        ) : (
          <TargetFields kind={kind} />
        )}
      </ActionForm>
      <SecretDialog made={made} onClose={open} />
    </>
  );
}
