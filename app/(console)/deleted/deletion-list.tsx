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
  { id: "reason", header: "Reason", width: "w-36", narrow: "hidden", cell: ({ reason }) => reason },
  {
    id: "request",
    header: "Request",
    width: "w-32",
    narrow: "hidden",
    cell: ({ request }) => (request === null ? null : <Copy text={request} keep={14} what="request id" />),
  },
  {
    id: "database",
    header: "Database",
    width: "w-28",
    narrow: "hidden",
    cell: ({ databaseName, lives }) =>
      lives.length === 0 ? databaseName : <span title={lives.join(" ")}>{databaseName}, moved</span>,
  },
  {
    id: "rows",
    header: "Rows",
    width: "w-20",
    align: "end",
    cell: (deletion) => <Narrow text={extentText(deletion)} more={extentText(deletion) === "1" ? "row" : "rows"} />,
  },
  {
    id: "open",
    header: "Still deleted",
    width: "w-24",
    cell: (deletion) => <Narrow text={openText(deletion)} more="still deleted" />,
  },
  {
    id: "purge",
    header: "Kept for",
    width: "w-24",
    narrow: "hidden",
    cell: ({ purgeAt }) => <KeptFor purgeAt={purgeAt} />,
  },
  { id: "when", header: "When", width: "w-24", narrow: "end", cell: ({ at }) => <When at={at} inRow align="end" /> },
];

/** A narrow screen has no headers, so the cell says what it counts. */
function Narrow({ text, more }: { text: string; more: string }) {
  return (
    <>
      {text}
      <span className="sm:hidden"> {more}</span>
    </>
  );
}

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
