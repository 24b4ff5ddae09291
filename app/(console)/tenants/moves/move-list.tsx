"use client";
import type { ReactNode } from "react";
import { Status } from "#components/feedback/status.tsx";
import { percent } from "#components/numbers/format.ts";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { duration } from "#components/time/duration.ts";
import { When } from "#components/time/when.tsx";
import type { MovePlace, MoveRow } from "#db/moves/contract.ts";
import { moveKind, moveWords } from "./words.ts";

const columns: Column<MoveRow>[] = [
  { id: "tenant", header: "Tenant", narrow: "title", cell: (row) => row.tenantName },
  {
    id: "state",
    header: "State",
    width: "w-56",
    narrow: "end",
    cell: (row) => <Status kind={moveKind(row)}>{moveWords(row)}</Status>,
  },
  { id: "from", header: "From", cell: (row) => <Place place={row.from} /> },
  { id: "to", header: "To", cell: (row) => <To row={row} /> },
  { id: "copied", header: "Copied", width: "w-20", align: "end", narrow: "hidden", cell: copied },
  {
    id: "pause",
    header: "Pause",
    width: "w-20",
    align: "end",
    narrow: "hidden",
    cell: (row) => (row.pauseMs === null ? <span className="text-faint">none yet</span> : duration(row.pauseMs)),
  },
  { id: "actor", header: "By", width: "w-40", narrow: "hidden", cell: (row) => row.actorName },
  { id: "started", header: "Started", width: "w-28", cell: (row) => <When at={row.startedAt} inRow align="end" /> },
];

function Place({ place: { tier, databaseName } }: { place: MovePlace }) {
  return (
    <>
      {tier} <span className="text-faint">in {databaseName}</span>
    </>
  );
}

/** In two lines there is no heading that says which of the places is the new one. */
function To({ row }: { row: MoveRow }) {
  return (
    <>
      <span className="sm:hidden">to </span>
      <Place place={row.to} />
    </>
  );
}

function copied({ rows, estimatedRows, state }: MoveRow): string {
  if (state === "preparing") return "0 %";
  return state === "copying" ? percent(estimatedRows > 0 ? rows / estimatedRows : 0, 0) : "100 %";
}

interface MoveListProps {
  rows: MoveRow[];
  next: string | null;
  query: string;
  empty: ReactNode;
}

export function MoveList({ rows, next, query, empty }: MoveListProps) {
  return (
    <ListTable
      label="Moves"
      columns={columns}
      rows={rows}
      next={next}
      endpoint={`/api/moves?${query}`}
      rowId={(row) => row.id}
      rowHref={(row) => `/tenants/moves/${row.id}`}
      empty={empty}
    />
  );
}
