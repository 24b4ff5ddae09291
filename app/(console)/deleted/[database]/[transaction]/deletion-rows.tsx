"use client";
import Link from "next/link";
import type { Column } from "#components/table/column.ts";
import { ListTable } from "#components/table/list-table.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { DeletionRow } from "#db/records/bin/contract.ts";
import { entryHref } from "../../../audit/addresses.ts";
import { planHref, rowRef } from "../../addresses.ts";
import { stateWords } from "../../words.ts";

const columns: Column<DeletionRow>[] = [
  {
    id: "row",
    header: "Record",
    narrow: "title",
    cell: ({ table, label, record }) => (
      <>
        <span className="text-muted">{table}</span> {label ?? record ?? "without a key"}
      </>
    ),
  },
  {
    id: "key",
    header: "Key",
    width: "w-44",
    narrow: "hidden",
    cell: ({ record }) => (record === null ? null : <Copy text={record} what="key" />),
  },
  {
    id: "kind",
    header: "How",
    width: "w-28",
    cell: ({ kind }) => <Badge>{kind === "hard" ? "gone" : "marked"}</Badge>,
  },
  { id: "state", header: "Now", width: "w-32", cell: ({ state }) => stateWords[state] },
  {
    id: "restore",
    header: "Restore",
    width: "w-24",
    narrow: "end",
    cell: (row) =>
      row.state === "deleted" && row.record !== null ? (
        <Link href={planHref({ database: row.database, row: [rowRef(row)] })} prefetch={false}>
          Plan it
        </Link>
      ) : null,
  },
];

interface DeletionRowsProps {
  rows: DeletionRow[];
  next: string | null;
  endpoint: string;
  mayRestore: boolean;
}

export function DeletionRows({ mayRestore, ...list }: DeletionRowsProps) {
  return (
    <ListTable
      label="Rows of the deletion"
      columns={columns}
      rowId={({ entry }) => entry}
      rowHref={({ database, entry }) => entryHref({ database, id: entry })}
      rowName={({ table, record }) => `${table} ${record}`}
      bulk={mayRestore ? (rows) => <RestoreSelected rows={rows} /> : undefined}
      empty={null}
      {...list}
    />
  );
}

function RestoreSelected({ rows }: { rows: DeletionRow[] }) {
  const open = rows.filter(({ state, record }) => state === "deleted" && record !== null);
  const [first] = open;
  if (!first) return <span className="text-muted">None of them is deleted still.</span>;
  return (
    <LinkButton look="primary" href={planHref({ database: first.database, row: open.map(rowRef) })}>
      Plan the restore of {open.length}
    </LinkButton>
  );
}
