"use client";
import { type ReactNode, useMemo, useState } from "react";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count, percent } from "#components/numbers/format.ts";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Copy, middle } from "#components/ui/copy.tsx";
import type { TenantRow } from "#db/tenants/contract.ts";
import { BulkActions } from "./bulk-actions.tsx";
import { BulkRefusals } from "./bulk-refusals.tsx";
import { statusKinds } from "./words.ts";

const columns: Column<TenantRow>[] = [
  { id: "name", header: "Name", width: "min-w-40", cell: (row) => row.name },
  {
    id: "status",
    header: "Status",
    width: "w-24",
    narrow: "end",
    cell: (row) => <Status kind={statusKinds[row.status]}>{row.status}</Status>,
  },
  { id: "tier", header: "Tier", width: "w-24", cell: (row) => (row.tier ? <Badge>{row.tier}</Badge> : "none") },
  {
    id: "key",
    header: "Key",
    width: "w-36",
    narrow: "hidden",
    cell: (row) => <Copy text={row.key} what="tenant key" />,
  },
  { id: "placement", header: "Placement", width: "min-w-36", cell: (row) => <Placement row={row} /> },
  {
    id: "size",
    header: "Size",
    width: "w-32",
    align: "end",
    cell: (row) => <Size row={row} />,
  },
  {
    id: "measured",
    header: "Measured",
    width: "w-24",
    narrow: "hidden",
    cell: (row) => <When at={row.sizedAt} inRow align="end" />,
  },
  {
    id: "growth",
    header: "Growth a day",
    width: "w-28",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.growthBytes === null ? <Unknown /> : growth(Number(row.growthBytes))),
  },
  {
    id: "writes",
    header: "Writes a day",
    width: "w-24",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.writes === null ? <Unknown /> : count(row.writes)),
  },
  {
    id: "share",
    header: "Share",
    width: "w-20",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.writeShare === null ? <Unknown /> : <Share value={row.writeShare} />),
  },
  {
    id: "active",
    header: "Last active",
    width: "w-24",
    cell: (row) => <When at={row.lastActiveAt} none="none seen" inRow align="end" />,
  },
  {
    id: "advice",
    header: "Next move",
    width: "w-28",
    narrow: "hidden",
    cell: (row) => (row.advisedTier ? <Badge>to {row.advisedTier}</Badge> : <span className="text-faint">none</span>),
  },
];

function Unknown() {
  return <span className="text-faint">unknown</span>;
}

function Share({ value }: { value: number }) {
  return <span className="whitespace-nowrap">{percent(value, 0)}</span>;
}

function Placement({ row: { databaseName, schema, serverName, tier } }: { row: TenantRow }) {
  return (
    <>
      {databaseName}
      {tier === "schema" ? (
        <span title={schema ?? ""} className="font-mono">
          .{middle(schema ?? "", 10)}
        </span>
      ) : null}{" "}
      <span className="text-faint">on {serverName}</span>
    </>
  );
}

/** The estimate with its error. */
function Size({ row }: { row: TenantRow }) {
  if (row.sizeBytes === null) return <span className="text-faint">not measured</span>;
  const error =
    row.sizeError === null || row.sizeError < 0.005 ? null : `± ${percent(Math.min(row.sizeError, 9.99), 0)}`;
  return (
    <span className="whitespace-nowrap">
      {bytes(row.sizeBytes)}
      {error ? <span className="ml-1 text-faint text-xs">{error}</span> : null}
    </span>
  );
}

function growth(value: number): string {
  if (value === 0) return "none";
  return value > 0 ? `+${bytes(value)}` : `\u2212${bytes(-value)}`;
}

interface TenantListProps {
  mayWrite: boolean;
  /** The ids of the columns that stand after the name. */
  shown: readonly string[];
  rows: TenantRow[];
  next: string | null;
  query: string;
  total: string;
  empty: ReactNode;
}

export function TenantList({ rows, next, query, total, empty, mayWrite, shown }: TenantListProps) {
  const chosen = shown.join();
  const listed = useMemo(() => columns.filter(({ id }) => id === "name" || chosen.split(",").includes(id)), [chosen]);
  // Tenants leave the list by what is done to them, and the bar goes with the last chosen one: what was refused outlives both.
  const [refusals, setRefusals] = useState<string | null>(null);
  return (
    <>
      {refusals ? <BulkRefusals told={refusals} close={() => setRefusals(null)} /> : null}
      <ListTable
        label="Tenants"
        columns={listed}
        rows={rows}
        next={next}
        endpoint={`/api/tenants?${query}`}
        rowId={(row) => row.id}
        rowHref={(row) => `/tenants/${row.id}`}
        rowName={(row) => row.name}
        bulk={(chosen, clear) => (
          <BulkActions chosen={chosen} mayWrite={mayWrite} clear={clear} onRefusals={setRefusals} />
        )}
        total={total}
        empty={empty}
      />
    </>
  );
}
