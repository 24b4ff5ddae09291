"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { TenantDetail } from "#db/tenants/contract.ts";
import { renameTenant, reopenTenant, suspendTenant } from "../actions.ts";

export function TenantActions({ tenant }: { tenant: TenantDetail }) {
  return (
    <>
      <DialogButton
        label="Rename…"
        title="Rename tenant"
        description={`The name changes in the application's own table in ${tenant.databaseName} and here.`}
      >
        <ActionForm
          action={renameTenant}
          submit="Rename tenant"
          hidden={{ tenantId: tenant.id }}
          doneMessage="Tenant renamed"
        >
          <Field label="Name" name="name" required>
            <Input name="name" defaultValue={tenant.name} maxLength={200} />
          </Field>
        </ActionForm>
      </DialogButton>
      {tenant.status === "active" ? (
        <DangerDialog
          tier="irreversible"
          verb="tenants.suspend"
          subject={tenant.name}
          effect={
            <>
              From its next statement on, row-level security in {tenant.databaseName} refuses the application for this
              tenant and says that it is suspended. No row is changed, other tenants notice nothing, and reopening
              undoes it at once. Tables without row-level security stay open to it.
            </>
          }
          fields={{ tenantId: tenant.id }}
          action={suspendTenant}
          confirm={`Suspend ${tenant.name}`}
          label="Suspend…"
          doneMessage="Tenant suspended"
        />
      ) : null}
      {tenant.status === "suspended" ? (
        <ActionButton
          action={reopenTenant}
          input={{ tenantId: tenant.id }}
          look="primary"
          doneMessage="Tenant reopened"
        >
          Reopen {tenant.name}
        </ActionButton>
      ) : null}
    </>
  );
}
