import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { type Role, roles } from "#db/capabilities.ts";
import { setReading } from "./actions.ts";

/** Says whose searches of the log are entries of the log themselves. */
export function ReadingButton({ recorded }: { recorded: Record<Role, boolean> }) {
  return (
    <DialogButton
      look="ghost"
      label="Recorded readers"
      title="Whose searches are recorded"
      description="A search by these roles is an entry of the console's log, with its filter, before its answer is shown."
    >
      <ActionForm action={setReading} submit="Save the setting" doneMessage="Setting saved">
        {roles.map((role) => (
          <Checkbox key={role} name={role} value="true" label={role} defaultChecked={recorded[role]} />
        ))}
      </ActionForm>
    </DialogButton>
  );
}
