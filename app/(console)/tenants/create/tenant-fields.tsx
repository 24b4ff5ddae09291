"use client";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { AskedColumn, CreateForm } from "#db/tenants/contract.ts";

/** Name and slug, and every column that the catalog cannot guess. */
export function TenantFields({ form }: { form: CreateForm }) {
  return (
    <>
      <Field label="Name" name="name" hint={form.nameColumn ? `Column ${form.nameColumn}` : "Kept here only."} required>
        <Input name="name" maxLength={200} />
      </Field>
      {form.slugColumn ? (
        <Field
          label="Slug"
          name="slug"
          hint={`Column ${form.slugColumn}; made from the name when left empty.`}
          optional
        >
          <Input name="slug" mono maxLength={200} />
        </Field>
      ) : null}
      {form.asked.map((column) => (
        <ColumnField key={column.name} column={column} />
      ))}
      <Field label="Reason" name="reason" hint="Kept in the audit log with this act." optional>
        <Textarea name="reason" rows={2} maxLength={500} />
      </Field>
    </>
  );
}

function ColumnField({ column }: { column: AskedColumn }) {
  const name = `values.${column.name}`;
  const hint = column.references ? `${column.type}, a key of ${column.references}` : column.type;
  return (
    <Field label={column.name} name={name} hint={hint} required={column.required}>
      {column.choices ? (
        <Select
          name={name}
          options={[{ value: "", label: "Choose" }, ...column.choices.map((value) => ({ value, label: value }))]}
        />
      ) : (
        <Input name={name} mono />
      )}
    </Field>
  );
}
