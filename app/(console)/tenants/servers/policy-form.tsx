"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { PlacementPolicy } from "#db/placing/contract.ts";
import { setPolicy } from "./actions.ts";

interface PolicyFormProps {
  policy: PlacementPolicy & { homeDatabaseId: string; databaseName: string };
  servers: { id: string; name: string }[];
}

const kinds = [
  { value: "least_loaded", label: "the least loaded server" },
  { value: "region", label: "the least loaded server of a region" },
  { value: "pinned", label: "one server" },
];

const none = { value: "", label: "none" };

export function PolicyForm({ policy, servers }: PolicyFormProps) {
  return (
    <DialogButton
      label="Policy…"
      small
      title={`Where tenants of ${policy.databaseName} go`}
      description="A contract that names a region holds besides. Pinned tenants are not moved by rebalancing."
    >
      <ActionForm
        action={setPolicy}
        submit="Set policy"
        hidden={{ homeDatabaseId: policy.homeDatabaseId }}
        doneMessage="Policy set"
      >
        <Field label="Policy" name="kind" required>
          <Select name="kind" defaultValue={policy.kind} options={kinds} />
        </Field>
        <Field label="Region" name="region" hint="For the policy by region.">
          <Input name="region" defaultValue={policy.region ?? ""} maxLength={60} />
        </Field>
        <Field label="Server" name="serverId" hint="For the policy of one server.">
          <Select
            name="serverId"
            defaultValue={policy.serverId ?? ""}
            options={[none, ...servers.map(({ id, name }) => ({ value: id, label: name }))]}
          />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
