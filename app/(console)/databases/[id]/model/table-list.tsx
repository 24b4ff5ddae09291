"use client";
import type { ReactNode } from "react";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Select } from "#components/ui/select.tsx";
import type { TableModel } from "#db/databases/contract.ts";
import type { ModelToEdit } from "#db/databases/merge-model.ts";
import { classChoices, withClass } from "./change-class.ts";
import { TableDetails } from "./table-details.tsx";

interface TableListProps {
  tables: TableModel[];
  proposed: ModelToEdit;
  onChange: (table: TableModel) => void;
}

export function TableList({ tables, proposed, onChange }: TableListProps) {
  return (
    <Table label="Tables of the model">
      <Head
        columns={[
          { label: "Table" },
          { label: "Class", width: "w-36" },
          { label: "Why" },
          { label: "Audited" },
          { label: "Row security" },
          { label: "Columns", hidden: true },
        ]}
      />
      <tbody>
        {tables.map((table) => (
          <TableRow key={`${table.schema} ${table.name}`} table={table} proposed={proposed} onChange={onChange} />
        ))}
      </tbody>
    </Table>
  );
}

function TableRow({ table, proposed, onChange }: { table: TableModel } & Omit<TableListProps, "tables">) {
  const full = `${table.schema}.${table.name}`;
  const before = proposed.tables.find((one) => one.schema === table.schema && one.name === table.name) ?? table;
  const evidence = proposed.evidence.find((one) => one.schema === table.schema && one.name === table.name);
  const securable = table.class === "tenant" && table.tenantColumn !== null;
  return (
    <Row>
      <Cell narrow="title" mono>
        {table.schema === "public" ? table.name : full}{" "}
        {proposed.news.includes(full) ? <Badge tone="warning">new</Badge> : null}
      </Cell>
      <Cell narrow="end">
        <Select
          aria-label={`Class of ${full}`}
          value={table.class}
          options={classChoices(before)}
          onChange={(event) => onChange(withClass(table, before, event.target.value, evidence?.columns ?? []))}
        />
      </Cell>
      <Cell narrow="meta" className="text-muted">
        {table.class === before.class ? table.reason : "Chosen by hand."}
      </Cell>
      <Cell narrow="meta">
        <Named word="audited">
          <Checkbox
            label={`Audit ${full}`}
            bare
            checked={table.audited}
            onChange={(event) => onChange({ ...table, audited: event.target.checked })}
          />
        </Named>
      </Cell>
      <Cell narrow="meta">
        <Named word="row security">
          <Checkbox
            label={`Row security on ${full}`}
            bare
            disabled={!securable}
            checked={securable && table.rowSecurity}
            onChange={(event) => onChange({ ...table, rowSecurity: event.target.checked })}
          />
        </Named>
      </Cell>
      <Cell narrow="meta" align="end">
        {evidence ? <TableDetails table={table} evidence={evidence} onChange={onChange} /> : null}
      </Cell>
    </Row>
  );
}

/** On a narrow screen the column's head is gone, so the box says what it is. */
function Named({ word, children }: { word: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1">
      {children}
      <span aria-hidden="true" className="sm:hidden">
        {word}
      </span>
    </span>
  );
}
