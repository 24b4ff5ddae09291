"use client";
import { useRouter } from "next/navigation";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { CreateForm } from "#db/tenants/contract.ts";
import { createTenant } from "../actions.ts";
import { TenantFields } from "./tenant-fields.tsx";

/** A tenant of the shared tier is one row, written at once. */
export function CreateTenantForm({ form }: { form: CreateForm }) {
  const router = useRouter();
  return (
    <ActionForm
      action={createTenant}
      submit="Create tenant"
      hidden={{ databaseId: form.databaseId }}
      doneMessage="Tenant created"
      onDone={(created) => router.push(`/tenants/${created.tenantId}`)}
      className="max-w-lg"
    >
      <TenantFields form={form} />
    </ActionForm>
  );
}

interface PlanFormProps {
  form: CreateForm;
  tier: "schema" | "database";
  servers: { id: string; name: string }[];
  /** Where the application's policy puts it, and why. */
  proposed: { id: string; why: string } | null;
}

/** A tenant with tables of its own is planned first: the address holds what was typed. */
export function PlanTenantForm({ form, tier, servers, proposed }: PlanFormProps) {
  return (
    <form action="/tenants/create/plan" method="get" className="grid max-w-lg gap-4">
      <input type="hidden" name="databaseId" value={form.databaseId} />
      <input type="hidden" name="tier" value={tier} />
      <TenantFields form={form} />
      {tier === "database" && servers.length > 1 ? (
        <Field label="Server" name="serverId" hint={proposed?.why ?? "Where its database is made."}>
          <Select
            name="serverId"
            defaultValue={proposed?.id ?? ""}
            options={[
              { value: "", label: `The server of ${form.databaseName}` },
              ...servers.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </Field>
      ) : null}
      <div>
        <Button type="submit" look="primary">
          Look at the plan
        </Button>
      </div>
    </form>
  );
}
