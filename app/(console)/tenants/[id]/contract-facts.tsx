"use client";
import { Facts } from "#components/page/facts.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import type { TenantDetail } from "#db/tenants/contract.ts";
import { describeTenant } from "../actions.ts";

/** What the contract says, and what people noted. */
export function ContractFacts({ tenant, mayWrite }: { tenant: TenantDetail; mayWrite: boolean }) {
  return (
    <div className="grid justify-items-start gap-3">
      <Facts
        items={[
          { label: "Residency", value: tenant.residency ?? <span className="text-faint">anywhere</span> },
          {
            label: "Dedicated",
            value: tenant.dedicated ? "shares its database with nobody" : <span className="text-faint">no</span>,
          },
          {
            label: "Notes",
            value:
              tenant.notes === "" ? (
                <span className="text-faint">none</span>
              ) : (
                <span className="whitespace-pre-line">{tenant.notes}</span>
              ),
          },
        ]}
      />
      {mayWrite ? (
        <DialogButton label="Edit…" title="Contract and notes" description={`What holds for ${tenant.name}.`}>
          <ActionForm
            action={describeTenant}
            submit="Save contract and notes"
            hidden={{ tenantId: tenant.id }}
            doneMessage="Saved"
          >
            <Field label="Residency" name="residency" hint="Where its data must stay, such as eu-north." optional>
              <Input name="residency" defaultValue={tenant.residency ?? ""} maxLength={100} />
            </Field>
            <Checkbox
              name="dedicated"
              value="true"
              defaultChecked={tenant.dedicated}
              label="It is promised a database of its own"
            />
            <Field label="Notes" name="notes" optional>
              <Textarea name="notes" rows={5} defaultValue={tenant.notes} maxLength={10_000} />
            </Field>
          </ActionForm>
        </DialogButton>
      ) : null}
    </div>
  );
}
