"use client";
import { useRouter } from "next/navigation";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { DatabaseModel } from "#db/databases/contract.ts";
import type { ModelToEdit } from "#db/databases/merge-model.ts";

export type Parts = Omit<DatabaseModel, "tables" | "tenantsTable">;

interface DatabasePartsProps {
  databaseId: string;
  model: ModelToEdit;
  homes: { id: string; name: string }[];
  parts: Parts;
  onChange: (parts: Parts) => void;
}

/** What holds for the whole database. Choosing another tenants table proposes every table's class anew. */
export function DatabaseParts({ databaseId, model, homes, parts, onChange }: DatabasePartsProps) {
  const router = useRouter();
  const tenants = model.tenantsTable;
  const chosen = tenants ? JSON.stringify([tenants.schema, tenants.table]) : "none";
  const because = model.tenantsCandidates.find(
    (one) => one.schema === tenants?.schema && one.table === tenants.table,
  )?.reason;

  function chooseTenants(value: string) {
    router.push(`/databases/${databaseId}/model?tenants=${encodeURIComponent(value)}`);
  }

  return (
    <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
      <Field label="Tenants are listed in" hint={because}>
        <Select value={chosen} onChange={(event) => chooseTenants(event.target.value)} options={tenantOptions(model)} />
      </Field>
      <Field
        label="The application connects as"
        hint={model.roles.find((role) => role.name === parts.applicationRole)?.note}
      >
        <Select
          value={parts.applicationRole ?? ""}
          onChange={(event) => onChange({ ...parts, applicationRole: event.target.value || null })}
          options={[{ value: "", label: "not said" }, ...model.roles.map(({ name }) => ({ value: name, label: name }))]}
        />
      </Field>
      <Field label="The whole database is one tenant's own" hint="Only for a tenant with a database to itself.">
        <Select
          value={parts.homeDatabaseId ?? ""}
          onChange={(event) => onChange(owned(parts, event.target.value))}
          options={[
            { value: "", label: "no, it holds many" },
            ...homes.map(({ id, name }) => ({ value: id, label: `yes, listed in ${name}` })),
          ]}
        />
      </Field>
      {parts.homeDatabaseId === null ? null : (
        <Field label="That tenant's key" required>
          <Input
            mono
            value={parts.ownTenantKey ?? ""}
            onChange={(event) => onChange({ ...parts, ownTenantKey: event.target.value })}
          />
        </Field>
      )}
    </div>
  );
}

function owned(parts: Parts, homeDatabaseId: string): Parts {
  if (homeDatabaseId === "") return { ...parts, homeDatabaseId: null, ownTenantKey: null };
  return { ...parts, homeDatabaseId, ownTenantKey: parts.ownTenantKey ?? "" };
}

/** Candidates first, then every other table whose key is one column. */
function tenantOptions(model: ModelToEdit) {
  const likely = model.tenantsCandidates.map(({ schema, table }) => [schema, table] as const);
  const isLikely = (schema: string, name: string) => likely.some((one) => one[0] === schema && one[1] === name);
  const others = model.tables
    .filter((table) => table.primaryKey.length === 1 && !isLikely(table.schema, table.name))
    .map(({ schema, name }) => [schema, name] as const);
  const options = [...likely, ...others].map(([schema, table]) => ({
    value: JSON.stringify([schema, table]),
    label: schema === "public" ? table : `${schema}.${table}`,
  }));
  return [...options, { value: "none", label: "no table" }];
}
