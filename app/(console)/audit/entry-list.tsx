"use client";
import { type ReactNode, useMemo } from "react";
import { CellFilters, FilterCell, useCellFilter } from "#components/query/cell-filter.tsx";
import { ListTable } from "#components/table/list-table.tsx";
import type { AuditEntry } from "#db/audit/contract.ts";
import { entryHref } from "./addresses.ts";
import { choicesFor } from "./cell-choices.ts";
import { entryColumns } from "./entry-columns.tsx";

interface EntryListProps {
  rows: AuditEntry[];
  next: string | null;
  endpoint: string;
  empty: ReactNode;
  /** The ids of the columns to show, in order. */
  columns: readonly string[];
  /** The query that is shown, and what the address holds beside it. */
  q: string;
  kept: string;
}

export function EntryList(props: EntryListProps) {
  return (
    <CellFilters>
      <Entries {...props} />
    </CellFilters>
  );
}

/** Every cell can be taken into the filter or left out; f on a row offers all of its cells at once. */
function Entries({ columns, q, kept, ...list }: EntryListProps) {
  const open = useCellFilter();
  const choose = useMemo(() => choicesFor(q, kept), [q, kept]);
  const chosen = columns.join();
  const shown = useMemo(
    () =>
      chosen
        .split(",")
        .flatMap((id) => entryColumns.find((column) => column.id === id) ?? [])
        .map(({ term, ...column }) => ({
          ...column,
          cell: (entry: AuditEntry) =>
            term ? <FilterCell choice={choose(term(entry))}>{column.cell(entry)}</FilterCell> : column.cell(entry),
        })),
    [chosen, choose],
  );

  function onRowKey(key: string, entry: AuditEntry, row: HTMLElement): boolean {
    if (key !== "f") return false;
    open(
      row,
      entryColumns.flatMap(({ term }) => (term && choose(term(entry))) ?? []),
    );
    return true;
  }

  return (
    <ListTable
      label="Audit entries"
      columns={shown}
      rowId={(entry) => `${entry.database} ${entry.id}`}
      rowHref={entryHref}
      onRowKey={onRowKey}
      {...list}
    />
  );
}
