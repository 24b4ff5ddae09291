import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { type Role, roles } from "#db/capabilities.ts";
import { setReading } from "./actions.ts";

/** Says whose reading of the log is an entry of the log itself. */
export function ReadingButton({ recorded }: { recorded: Record<Role, boolean> }) {
  return (
    <DialogButton
      look="ghost"
      label="Recorded readers"
      title="Whose reading is recorded"
      description="What these roles search for and open in the log (entries, records, transactions, requests, actors) is an entry of the console's log, with the filter or the address, before the answer is shown."
    >
      <ActionForm action={setReading} submit="Save the setting" doneMessage="Setting saved">
        {roles.map((role) => (
          <Checkbox key={role} name={role} value="true" label={role} defaultChecked={recorded[role]} />
        ))}
      </ActionForm>
    </DialogButton>
  );
}
