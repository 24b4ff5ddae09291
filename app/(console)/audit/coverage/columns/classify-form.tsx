"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Select } from "#components/ui/select.tsx";
import type { ColumnClass } from "#db/audit/coverage/contract.ts";
import { classifyColumns } from "../actions.ts";

export interface Column {
  schema: string;
  table: string;
  column: string;
  type: string;
  class: ColumnClass;
}

const classes: { value: ColumnClass; label: string }[] = [
  { value: "plain", label: "plain" },
  { value: "personal", label: "personal" },
  { value: "secret", label: "secret" },
];

interface ClassifyFormProps {
  databaseId: string;
  columns: Column[];
  /** How many further columns wait behind these. */
  more: number;
}

/** One choice a column, set to what its name suggests; sent all at once. */
export function ClassifyForm({ databaseId, columns, more }: ClassifyFormProps) {
  const router = useRouter();
  const [chosen, setChosen] = useState(columns);
  const sent = chosen.map(({ type: _type, ...one }) => one);
  return (
    <ActionForm
      action={classifyColumns}
      submit={`Classify ${count(chosen.length)} ${chosen.length === 1 ? "column" : "columns"}`}
      hidden={{ databaseId, columns: JSON.stringify(sent) }}
      doneMessage="The columns are classified."
      onDone={({ secrets }) => {
        router.push(secrets > 0 ? `/databases/${databaseId}/plan` : `/audit/coverage?database=${databaseId}`);
      }}
    >
      <p className="max-w-[90ch] text-muted">
        <b className="font-medium text-ink">Plain</b> says nothing about a person.{" "}
        <b className="font-medium text-ink">Personal</b> is recorded, and can be erased from the trail when its person
        asks. <b className="font-medium text-ink">Secret</b> is kept as a keyed hash only, once the plan that follows is
        applied.
      </p>
      <Table label="Columns to classify">
        <Head columns={[{ label: "Column" }, { label: "Type" }, { label: "Holds" }]} />
        <tbody>
          {chosen.map((one, at) => (
            <Row key={JSON.stringify([one.schema, one.table, one.column])}>
              <Cell mono narrow="title">
                {one.schema === "public" ? "" : `${one.schema}.`}
                {one.table}.{one.column}
              </Cell>
              <Cell mono narrow="meta" className="text-muted">
                {one.type}
              </Cell>
              <Cell narrow="end">
                <Select
                  className="w-32"
                  aria-label={`${one.table}.${one.column} holds`}
                  options={classes}
                  value={one.class}
                  onChange={(event) => {
                    const next = classes.find(({ value }) => value === event.target.value)?.value ?? one.class;
                    setChosen((all) => all.map((held, place) => (place === at ? { ...held, class: next } : held)));
                  }}
                />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {more > 0 ? <p className="text-muted">{count(more)} more follow when these are classified.</p> : null}
    </ActionForm>
  );
}
