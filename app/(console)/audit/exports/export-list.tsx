"use client";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import type { Column } from "#components/table/column.ts";
import { ListTable, type ListTableProps } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import type { ExportView } from "#db/audit/export/contract.ts";
import { formatNames, stateKinds } from "./format-words.ts";

const columns: Column<ExportView>[] = [
  {
    id: "what",
    header: "Export",
    narrow: "title",
    cell: (row) => `${formatNames[row.format]} of ${filterText(row.query)}`,
  },
  {
    id: "state",
    header: "State",
    width: "w-28",
    narrow: "end",
    cell: (row) => <Status kind={stateKinds[row.state]}>{row.state}</Status>,
  },
  { id: "asked", header: "Asked", width: "w-32", cell: (row) => <When at={row.requestedAt} inRow /> },
  { id: "who", header: "By", width: "w-40", cell: (row) => row.actorName },
  {
    id: "rows",
    header: "Entries",
    width: "w-28",
    align: "end",
    cell: (row) => (row.rows === null ? `about ${count(row.estimate)}` : count(row.rows)),
  },
  {
    id: "size",
    header: "Size",
    width: "w-24",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.bytes === null ? "" : bytes(row.bytes)),
  },
  {
    id: "kept",
    header: "Kept until",
    width: "w-32",
    narrow: "hidden",
    cell: (row) => <When at={row.expiresAt} inRow none="" />,
  },
];

function filterText(query: string): string {
  const params = new URLSearchParams(query);
  const parts = [...params].map(([name, value]) => (name === "q" ? value : `${name} ${value}`));
  return parts.length === 0 ? "the whole log" : parts.join(", ");
}

type ExportListProps = Pick<ListTableProps<ExportView>, "rows" | "next" | "empty">;

export function ExportList(props: ExportListProps) {
  return (
    <ListTable
      {...props}
      label="Exports"
      columns={columns}
      endpoint="/api/audit/exports"
      rowId={(row) => row.id}
      rowHref={(row) => `/audit/exports/${row.id}`}
    />
  );
}
