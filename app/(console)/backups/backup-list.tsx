"use client";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import type { Column } from "#components/table/column.ts";
import { ListTable, type ListTableProps } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import type { BackupView } from "#db/backups/contract.ts";
import { stateKinds } from "./words.ts";

const columns: Column<BackupView>[] = [
  { id: "database", header: "Database", narrow: "title", cell: (row) => row.databaseName },
  {
    id: "state",
    header: "State",
    width: "w-28",
    narrow: "end",
    cell: (row) => <Status kind={stateKinds[row.state]}>{row.state}</Status>,
  },
  { id: "began", header: "Began", width: "w-32", cell: (row) => <When at={row.startedAt} inRow /> },
  { id: "size", header: "Size", width: "w-24", align: "end", cell: (row) => (row.bytes ? bytes(row.bytes) : "") },
  {
    id: "tables",
    header: "Tables",
    width: "w-20",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.tables === null ? "" : count(row.tables)),
  },
  {
    id: "verified",
    header: "Verified",
    width: "w-32",
    narrow: "hidden",
    cell: (row) => (row.verifiedAt ? <When at={row.verifiedAt} inRow /> : <span className="text-faint">never</span>),
  },
  {
    id: "goes",
    header: "Goes",
    width: "w-32",
    narrow: "hidden",
    cell: (row) =>
      row.stays === "held" ? (
        <span className="text-muted">held</span>
      ) : (
        <When at={row.expiredAt ?? row.expiresAt} inRow none="by hand" />
      ),
  },
  {
    id: "error",
    header: "What happened",
    narrow: "hidden",
    cell: (row) => (row.state === "good" ? "" : <span className="text-muted">{row.error}</span>),
  },
];

type BackupListProps = Pick<ListTableProps<BackupView>, "rows" | "next" | "empty"> & { query: string };

export function BackupList({ query, ...rest }: BackupListProps) {
  return (
    <ListTable
      {...rest}
      label="Backups"
      columns={columns}
      endpoint={`/api/backups?${query}`}
      rowId={(row) => row.id}
      rowHref={(row) => `/backups/${row.id}`}
    />
  );
}
