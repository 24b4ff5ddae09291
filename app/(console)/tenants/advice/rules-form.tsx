"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { AdviceRules } from "#db/tenants/advice/contract.ts";
import { setAdviceRules } from "../actions.ts";

interface RulesFormProps {
  database: { id: string; name: string };
  rules: AdviceRules;
}

export function RulesForm({ database, rules }: RulesFormProps) {
  return (
    <DialogButton
      label={`Rules of ${database.name}…`}
      title={`When tenants of ${database.name} should move`}
      description="Going back down asks for less than half of a limit, so that a tenant near one is not sent to and fro."
    >
      <ActionForm
        action={setAdviceRules}
        submit="Save the rules"
        hidden={{ databaseId: database.id }}
        doneMessage="Rules saved"
      >
        <Field label="Shared tables up to, MB" name="sharedMegabytes" required>
          <Input
            name="sharedMegabytes"
            type="number"
            min={1}
            defaultValue={Math.round(rules.sharedBytesMax / 1024 ** 2)}
          />
        </Field>
        <Field label="Own schema up to, MB" name="schemaMegabytes" required>
          <Input
            name="schemaMegabytes"
            type="number"
            min={1}
            defaultValue={Math.round(rules.schemaBytesMax / 1024 ** 2)}
          />
        </Field>
        <Field label="Share of all writes up to, %" name="writeSharePercent" required>
          <Input
            name="writeSharePercent"
            type="number"
            min={1}
            max={100}
            defaultValue={Math.round(rules.writeShareMax * 100)}
          />
        </Field>
        <Field label="For at least, days" name="days" required>
          <Input name="days" type="number" min={0} max={365} defaultValue={rules.days} />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
