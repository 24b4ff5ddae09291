"use client";
import { useState } from "react";
import { bytes, count } from "#components/numbers/format.ts";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { TableEvidence, TableModel } from "#db/databases/contract.ts";
import { ColumnList } from "./column-list.tsx";

interface TableDetailsProps {
  table: TableModel;
  evidence: TableEvidence;
  onChange: (table: TableModel) => void;
}

/** The columns of one table: which holds the tenant, which marks a deletion, what is masked and what is left out. */
export function TableDetails({ table, evidence, onChange }: TableDetailsProps) {
  const [open, setOpen] = useState(false);
  const full = `${table.schema}.${table.name}`;
  const masked = table.maskedColumns.length;
  return (
    <>
      <Button small look="ghost" onClick={() => setOpen(true)}>
        {masked > 0 ? `Columns, ${masked} masked` : "Columns"}
        <span className="sr-only"> of {full}</span>
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={full} description={describe(evidence)} wide>
        <div className="grid gap-4">
          <div className="grid gap-4 sm:grid-cols-3">
            {table.class === "tenant" && table.tenantConstant === null ? (
              <TenantColumn table={table} evidence={evidence} onChange={onChange} />
            ) : null}
            <SoftDelete table={table} evidence={evidence} onChange={onChange} />
            <Field label="Days kept after deletion">
              <Input
                type="number"
                min={1}
                max={36_500}
                value={table.graceDays}
                onChange={(event) => onChange({ ...table, graceDays: Math.max(1, event.target.valueAsNumber || 1) })}
              />
            </Field>
          </div>
          {table.softDelete === null ? null : (
            <Checkbox
              label={`Keep a view of its live rows, active_${table.name}. While it is there, PostgreSQL refuses to drop a column of the table or to change its type.`}
              checked={table.activeView}
              onChange={(event) => onChange({ ...table, activeView: event.target.checked })}
            />
          )}
          {table.audited ? (
            <Checkbox
              label="Keep the rows that the application removes, in caretaker.deleted_…_archive, for as many days. They are written in the same transaction, without masked columns; TRUNCATE is not archived."
              checked={table.archive}
              onChange={(event) => onChange({ ...table, archive: event.target.checked })}
            />
          ) : null}
          {evidence.otherPaths.length > 0 ? (
            <p className="text-muted">It also reaches a tenant by {evidence.otherPaths.join(", and by ")}.</p>
          ) : null}
          <ColumnList table={table} evidence={evidence} onChange={onChange} />
          <div className="flex justify-end">
            <Button look="primary" onClick={() => setOpen(false)}>
              Keep these columns
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}

function describe(evidence: TableEvidence): string {
  const rows = evidence.rows === null ? "never analysed" : `about ${count(evidence.rows)} rows`;
  const partitions = evidence.partitions > 0 ? ` in ${count(evidence.partitions)} partitions` : "";
  return `${rows}${partitions}, ${bytes(evidence.bytes)}.`;
}

function TenantColumn({ table, evidence, onChange }: TableDetailsProps) {
  return (
    <Field label="Holds the tenant's key">
      <Select
        value={table.tenantColumn ?? ""}
        options={evidence.columns.map(({ name }) => ({ value: name, label: name }))}
        onChange={(event) => onChange({ ...table, tenantColumn: event.target.value })}
      />
    </Field>
  );
}

function withMark(table: TableModel, softDelete: TableModel["softDelete"]): TableModel {
  return { ...table, softDelete, activeView: table.activeView && softDelete !== null };
}

/** A timestamp that is set or a boolean that is true; other columns cannot mark a deletion. */
function SoftDelete({ table, evidence, onChange }: TableDetailsProps) {
  const kinds = evidence.columns.flatMap(({ name, type, generated }): NonNullable<TableModel["softDelete"]>[] => {
    if (generated) return [];
    if (type === "boolean") return [{ column: name, kind: "boolean" }];
    return /^(timestamp|date)/.test(type) ? [{ column: name, kind: "timestamp" }] : [];
  });
  return (
    <Field label="Marks a deletion">
      <Select
        value={table.softDelete?.column ?? ""}
        options={[{ value: "", label: "no column" }, ...kinds.map(({ column }) => ({ value: column, label: column }))]}
        onChange={(event) =>
          onChange(withMark(table, kinds.find(({ column }) => column === event.target.value) ?? null))
        }
      />
    </Field>
  );
}
