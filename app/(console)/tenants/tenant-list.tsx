"use client";
import type { ReactNode } from "react";
import { Status } from "#components/feedback/status.tsx";
import { bytes } from "#components/numbers/format.ts";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { TenantRow } from "#db/tenants/contract.ts";
import { statusKinds } from "./words.ts";

const columns: Column<TenantRow>[] = [
  { id: "name", header: "Name", cell: (row) => row.name },
  {
    id: "status",
    header: "Status",
    width: "w-32",
    narrow: "end",
    cell: (row) => <Status kind={statusKinds[row.status]}>{row.status}</Status>,
  },
  { id: "tier", header: "Tier", width: "w-24", cell: (row) => (row.tier ? <Badge>{row.tier}</Badge> : "none") },
  { id: "slug", header: "Slug", mono: true, narrow: "hidden", cell: (row) => row.slug ?? "" },
  {
    id: "key",
    header: "Key",
    width: "w-44",
    narrow: "hidden",
    cell: (row) => <Copy text={row.key} what="tenant key" />,
  },
  { id: "database", header: "Database", cell: (row) => row.databaseName },
  {
    id: "size",
    header: "Size",
    width: "w-24",
    align: "end",
    cell: (row) => (row.sizeBytes === null ? <span className="text-faint">not measured</span> : bytes(row.sizeBytes)),
  },
  { id: "created", header: "Known since", width: "w-28", cell: (row) => <When at={row.createdAt} inRow align="end" /> },
];

interface TenantListProps {
  rows: TenantRow[];
  next: string | null;
  query: string;
  total: string;
  empty: ReactNode;
}

export function TenantList({ rows, next, query, total, empty }: TenantListProps) {
  return (
    <ListTable
      label="Tenants"
      columns={columns}
      rows={rows}
      next={next}
      endpoint={`/api/tenants?${query}`}
      rowId={(row) => row.id}
      rowHref={(row) => `/tenants/${row.id}`}
      total={total}
      empty={empty}
    />
  );
}
