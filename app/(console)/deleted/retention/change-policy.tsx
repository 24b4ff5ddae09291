import { Button } from "#components/ui/button.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { Policy } from "#db/records/retention/contract.ts";

interface ChangePolicyProps {
  databaseId: string;
  table: string;
  /** Proposed where there is no policy yet. */
  graceDays: number;
  policy: Policy | undefined;
}

const choices = [
  { value: "soft", label: "Kept for a grace period, then removed" },
  { value: "hard", label: "Removed at the next run" },
  { value: "never", label: "Never removed" },
];

/** Asks what is to hold and leads to what that would mean; nothing is set here. */
export function ChangePolicy({ databaseId, table, graceDays, policy }: ChangePolicyProps) {
  return (
    <DialogButton
      small
      label={policy ? "Change" : "Set a policy"}
      title={`Policy of ${table}`}
      description="You see what would go on which day before anything is set."
    >
      <form action="/deleted/retention/change" className="grid gap-4">
        <input type="hidden" name="databaseId" value={databaseId} />
        <input type="hidden" name="table" value={table} />
        <Field label="Marked rows are" required>
          <Select name="deletion" options={choices} defaultValue={policy?.deletion ?? "soft"} />
        </Field>
        <Field label="Grace period, in days" hint="Since a row was marked." required>
          <Input
            name="graceDays"
            type="number"
            min={0}
            max={36_500}
            defaultValue={policy?.deletion === "soft" ? policy.graceDays : graceDays}
          />
        </Field>
        <Field
          label="Only the tenant"
          hint="Its key, as the application writes it. Its policy holds before the table's."
          optional
        >
          <Input name="tenant" mono defaultValue={policy?.tenant ?? ""} />
        </Field>
        <div>
          <Button type="submit" look="primary">
            Show what it means
          </Button>
        </div>
      </form>
    </DialogButton>
  );
}
