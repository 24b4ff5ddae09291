"use client";
import { Status } from "#components/feedback/status.tsx";
import { jobStatus } from "#components/progress/job-progress.tsx";
import type { Column } from "#components/table/column.ts";
import { ListTable, type ListTableProps } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import type { JobView } from "#db/jobs/contract.ts";

const columns: Column<JobView>[] = [
  { id: "title", header: "Job", narrow: "title", cell: (row) => row.title },
  {
    id: "state",
    header: "State",
    width: "w-28",
    narrow: "end",
    cell: (row) => <Status kind={jobStatus[row.state]}>{row.state}</Status>,
  },
  { id: "kind", header: "Kind", width: "w-40", mono: true, narrow: "hidden", cell: (row) => row.kind },
  { id: "actor", header: "Asked for by", width: "w-44", cell: (row) => row.actorName },
  { id: "created", header: "Asked for", width: "w-32", cell: (row) => <When at={row.createdAt} inRow /> },
  { id: "finished", header: "Over", width: "w-32", cell: (row) => <When at={row.finishedAt} none="not yet" inRow /> },
  {
    id: "error",
    header: "What happened",
    narrow: "hidden",
    cell: (row) => <span className="text-muted">{row.error ?? row.step}</span>,
  },
];

type JobListProps = Pick<ListTableProps<JobView>, "rows" | "next" | "empty"> & { query: string };

export function JobList({ query, ...rest }: JobListProps) {
  return (
    <ListTable
      {...rest}
      label="Jobs"
      columns={columns}
      endpoint={`/api/jobs?${query}`}
      rowId={(row) => row.id}
      rowHref={(row) => `/jobs/${row.id}`}
    />
  );
}
