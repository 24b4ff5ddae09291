"use client";
import { useState } from "react";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { createApiToken } from "./actions.ts";
import { ShownOnce } from "./shown-once.tsx";

const lifetimes = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
];

interface CreateApiTokenProps {
  /** The capabilities of the person's own role. */
  offered: string[];
  databases: { id: string; name: string }[];
}

export function CreateApiToken({ offered, databases }: CreateApiTokenProps) {
  const [made, setMade] = useState<string | null>(null);
  return (
    <>
      <DangerDialog
        tier="reversible"
        verb="api_tokens.create"
        subject="API token"
        effect="Whoever has it acts as you, within what you choose here."
        action={createApiToken}
        confirm="Create API token"
        small
        onDone={({ token }) => setMade(token)}
      >
        <Field label="Name" name="name" hint="What uses it: “nightly export on build-3”." required>
          <Input name="name" maxLength={100} />
        </Field>
        <Field label="Expires after" name="days">
          <Select name="days" options={lifetimes} defaultValue="30" />
        </Field>
        <fieldset>
          <legend className="mb-1 font-medium">It may</legend>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {offered.map((capability) => (
              <Checkbox key={capability} name="capabilities" value={capability} label={<code>{capability}</code>} />
            ))}
          </div>
        </fieldset>
        {offered.includes("events.write") ? (
          <Field label="Reports events to" name="databaseId" hint="For events.write: what a leaked token could reach.">
            <Select
              name="databaseId"
              options={[
                { value: "", label: "any database" },
                ...databases.map(({ id, name }) => ({ value: id, label: `${name} alone` })),
              ]}
            />
          </Field>
        ) : null}
      </DangerDialog>
      <ShownOnce
        title="Your new API token"
        text={made}
        what="API token"
        note="It is kept as a hash and can not be shown again. Put it into CARETAKER_TOKEN."
        onClose={() => setMade(null)}
      />
    </>
  );
}
