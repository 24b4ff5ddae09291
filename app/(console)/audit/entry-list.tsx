"use client";
import type { ReactNode } from "react";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { AuditEntry } from "#db/audit/contract.ts";
import { ActionMark } from "./action-mark.tsx";
import { entryHref } from "./addresses.ts";

const columns: Column<AuditEntry>[] = [
  {
    id: "sentence",
    header: "What happened",
    narrow: "title",
    cell: (entry) => (
      <>
        <ActionMark action={entry.action} />
        {entry.sentence}
      </>
    ),
  },
  {
    id: "record",
    header: "Record",
    width: "w-52",
    narrow: "hidden",
    cell: (entry) => (entry.record === null ? null : <Copy text={entry.record} what="record id" />),
  },
  {
    id: "tenant",
    header: "Tenant",
    width: "w-40",
    cell: (entry) => (entry.tenant ? <Copy text={entry.tenant} keep={14} what="tenant key" /> : null),
  },
  { id: "database", header: "Database", width: "w-36", cell: (entry) => entry.databaseName },
  {
    id: "when",
    header: "When",
    width: "w-32",
    narrow: "end",
    cell: (entry) => <When at={entry.at} inRow align="end" />,
  },
];

interface EntryListProps {
  rows: AuditEntry[];
  next: string | null;
  endpoint: string;
  empty: ReactNode;
}

export function EntryList(props: EntryListProps) {
  return (
    <ListTable
      label="Audit entries"
      columns={columns}
      rowId={(entry) => `${entry.database} ${entry.id}`}
      rowHref={entryHref}
      {...props}
    />
  );
}
