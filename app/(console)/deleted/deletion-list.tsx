"use client";
import type { ReactNode } from "react";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { Deletion } from "#db/records/bin/contract.ts";
import { Sentence } from "../audit/story/sentence.tsx";
import { deletionHref } from "./addresses.ts";
import { KeptFor } from "./kept-for.tsx";
import { extentText, openText } from "./words.ts";

const columns: Column<Deletion>[] = [
  { id: "what", header: "What happened", narrow: "title", cell: ({ parts }) => <Sentence parts={parts} /> },
  { id: "reason", header: "Reason", width: "w-48", narrow: "hidden", cell: ({ reason }) => reason },
  {
    id: "request",
    header: "Request",
    width: "w-36",
    narrow: "hidden",
    cell: ({ request }) => (request === null ? null : <Copy text={request} keep={14} what="request id" />),
  },
  { id: "database", header: "Database", width: "w-32", narrow: "hidden", cell: ({ databaseName }) => databaseName },
  { id: "rows", header: "Rows", width: "w-20", align: "end", cell: (deletion) => extentText(deletion) },
  { id: "open", header: "Still deleted", width: "w-32", cell: (deletion) => openText(deletion) },
  { id: "purge", header: "Kept for", width: "w-28", cell: ({ purgeAt }) => <KeptFor purgeAt={purgeAt} /> },
  { id: "when", header: "When", width: "w-28", narrow: "end", cell: ({ at }) => <When at={at} inRow align="end" /> },
];

interface DeletionListProps {
  rows: Deletion[];
  next: string | null;
  endpoint: string;
  empty: ReactNode;
}

export function DeletionList(props: DeletionListProps) {
  return (
    <ListTable
      label="Deletions"
      columns={columns}
      rowId={({ database, transaction }) => `${database} ${transaction}`}
      rowHref={deletionHref}
      {...props}
    />
  );
}
