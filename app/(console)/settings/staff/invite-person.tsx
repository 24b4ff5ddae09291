"use client";
import { useState } from "react";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { ShownOnce } from "../shown-once.tsx";
import { invite } from "./actions.ts";
import { roleOptions } from "./role-options.ts";

export function InvitePerson() {
  const [link, setLink] = useState<string | null>(null);
  return (
    <>
      <DangerDialog
        tier="reversible"
        verb="staff.invite"
        subject="invitation"
        effect="Makes a link for one person, good for three days and once. You send it. Whoever has an account already, also a disabled one, sets a new password by it and then has this role; their sessions end."
        action={invite}
        confirm="Invite a person"
        onDone={(made) => setLink(made.link)}
      >
        <Field label="E-mail address" name="email" required>
          <Input name="email" type="email" spellCheck={false} />
        </Field>
        <Field label="Role" name="role">
          <Select name="role" options={roleOptions} defaultValue="support" />
        </Field>
      </DangerDialog>
      <ShownOnce
        title="Invitation link"
        text={link}
        what="invitation link"
        note="Send it to that person and nobody else: whoever opens it first gets the account. It is not shown again."
        onClose={() => setLink(null)}
      />
    </>
  );
}
