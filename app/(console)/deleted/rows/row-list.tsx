"use client";
import type { ReactNode } from "react";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { DeletedRow } from "#db/records/contract.ts";
import { restoreHref } from "../addresses.ts";
import { KeptFor } from "../kept-for.tsx";
import { actorText } from "../words.ts";

const columns: Column<DeletedRow>[] = [
  {
    id: "row",
    header: "Record",
    narrow: "title",
    cell: (row) => (
      <>
        <span className="text-muted">{row.table}</span> {row.label ?? row.record ?? "without a key"}
      </>
    ),
  },
  {
    id: "key",
    header: "Key",
    width: "w-44",
    narrow: "hidden",
    cell: (row) => (row.record === null ? null : <Copy text={row.record} what="key" />),
  },
  { id: "actor", header: "Deleted by", width: "w-44", cell: (row) => actorText(row.actor) },
  {
    id: "together",
    header: "With it",
    width: "w-28",
    cell: (row) => (row.together > 1 ? `${row.together - 1} more` : <span className="text-faint">alone</span>),
  },
  {
    id: "kind",
    header: "How",
    width: "w-28",
    cell: (row) => <Badge>{row.kind === "hard" ? "gone" : "marked"}</Badge>,
  },
  {
    id: "tenant",
    header: "Tenant",
    width: "w-36",
    cell: ({ tenant, movedTo }) => (
      <>
        {tenant ? <Copy text={tenant} keep={14} what="tenant key" /> : null}
        {movedTo === null ? null : (
          <span title={`It lives in ${movedTo} now, and the row comes back there.`}> moved</span>
        )}
      </>
    ),
  },
  { id: "purge", header: "Kept for", width: "w-28", cell: (row) => <KeptFor purgeAt={row.purgeAt} /> },
  {
    id: "when",
    header: "When",
    width: "w-28",
    narrow: "end",
    cell: (row) => <When at={row.at} inRow align="end" none="unknown" />,
  },
];

interface RowListProps {
  rows: DeletedRow[];
  next: string | null;
  endpoint: string;
  empty: ReactNode;
}

export function RowList(props: RowListProps) {
  return (
    <ListTable
      label="Deleted records"
      columns={columns}
      rowId={(row) => JSON.stringify([row.database, row.kind, row.entry, row.schema, row.table, row.record])}
      rowHref={restoreHref}
      {...props}
    />
  );
}
