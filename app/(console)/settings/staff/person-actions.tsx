"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { StaffMember } from "#db/staff/contract.ts";
import { changeRole, disableStaff } from "./actions.ts";
import { roleOptions } from "./role-options.ts";

export function ChangeRole({ person }: { person: StaffMember }) {
  return (
    <DangerDialog
      tier="costly"
      verb="staff.change_role"
      subject={person.name}
      effect={`${person.name} is ${person.role} now. A new role ends all of their sessions and narrows their API tokens at once.`}
      action={changeRole}
      fields={{ staffId: person.id }}
      confirm={`Change role of ${person.name}`}
      label="Change role…"
      doneMessage="Role changed"
      small
    >
      <Field label="New role" name="role">
        <Select name="role" options={roleOptions} defaultValue={person.role} />
      </Field>
    </DangerDialog>
  );
}

export function DisablePerson({ person }: { person: StaffMember }) {
  return (
    <DangerDialog
      tier="costly"
      verb="staff.disable"
      subject={person.name}
      effect={`${person.name} can not sign in any more. Their sessions, API tokens and open invitations end at once; what they did stays in the audit log.`}
      action={disableStaff}
      fields={{ staffId: person.id }}
      confirm={`Disable ${person.name}`}
      label="Disable…"
      doneMessage="Account disabled"
      small
    />
  );
}
