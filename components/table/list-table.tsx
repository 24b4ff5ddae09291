"use client";
import {
  columnVisibilityFeature,
  createColumnHelper,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type MouseEvent, type ReactNode, useMemo, useRef } from "react";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import type { Column } from "./column.ts";
import { narrowOf } from "./column.ts";
import { ListFooter } from "./list-footer.tsx";
import { Cell, Table } from "./table.tsx";
import { usePages } from "./use-pages.ts";
import { useRowKeys } from "./use-row-keys.ts";

const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature });

export interface ListTableProps<Row> {
  /** What is listed, such as "Tenants". */
  label: string;
  columns: readonly Column<Row>[];
  /** The first page, from the server. */
  rows: Row[];
  next: string | null;
  /** Where later pages come from, with the filters of this view: "/api/tenants?status=active". Answers `{rows, next}`. */
  endpoint?: string;
  rowId: (row: Row) => string;
  /** What Enter and a click on the row open. */
  rowHref?: (row: Row) => string;
  /** The row in words, for its checkbox. */
  rowName?: (row: Row) => string;
  /** Makes rows selectable; what can be done with them, shown at the bottom. */
  bulk?: (rows: Row[], clear: () => void) => ReactNode;
  /** A key of its own on a row of focus; whether it meant something. */
  onRowKey?: (key: string, row: Row, element: HTMLElement) => boolean;
  /** "212 tenants", "10,000+ entries". */
  total?: string;
  /** Shown instead of the table when there is no row. */
  empty: ReactNode;
}

export function ListTable<Row extends object>(props: ListTableProps<Row>) {
  const { label, columns, endpoint, rowId, rowHref, rowName, bulk } = props;
  const router = useRouter();
  const first = useMemo(() => ({ rows: props.rows, next: props.next }), [props.rows, props.next]);
  const pages = usePages(endpoint, first);
  const data = useMemo(() => pages.data.pages.flatMap((page) => page.rows), [pages.data]);
  const defs = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return columns.map((column) => helper.display({ id: column.id, header: column.header }));
  }, [columns]);
  const table = useTable({ features, columns: defs, data, getRowId: rowId, enableRowSelection: Boolean(bulk) });
  const rows = table.getRowModel().rows;
  const anchor = useRef(0);

  const keys = useRowKeys({
    length: rows.length,
    open: rowHref ? (at) => rows[at] && router.push(rowHref(rows[at].original)) : undefined,
    select: bulk ? select : undefined,
    press: (key, at, element) => {
      const row = rows[at];
      return row !== undefined && (props.onRowKey?.(key, row.original, element) ?? false);
    },
  });

  function select(at: number, range: boolean) {
    if (!range) {
      rows[at]?.toggleSelected();
      anchor.current = at;
      return;
    }
    const [from, to] = at < anchor.current ? [at, anchor.current] : [anchor.current, at];
    for (const row of rows.slice(from, to + 1)) row.toggleSelected(true);
  }

  if (data.length === 0) return props.empty;
  const shown = columns.filter((column) => table.getColumn(column.id)?.getIsVisible() ?? true);
  const selected = table.getSelectedRowModel().rows.map((row) => row.original);

  return (
    <div>
      <Table label={label} sticky aria-busy={pages.isFetchingNextPage}>
        <thead>
          <tr>
            {bulk ? (
              <th scope="col" className="w-8">
                <Checkbox
                  bare
                  label="Select all loaded rows"
                  checked={table.getIsAllRowsSelected()}
                  onChange={table.getToggleAllRowsSelectedHandler()}
                />
              </th>
            ) : null}
            {shown.map((column) => (
              <th key={column.id} scope="col" data-align={column.align} className={column.width}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={keys.onKeyDown}>
          {rows.map((row, at) => (
            <tr
              key={row.id}
              data-row=""
              data-selected={row.getIsSelected() ? "" : undefined}
              tabIndex={at === keys.active ? 0 : -1}
              onFocus={() => keys.setActive(at)}
              onClick={(event) => rowHref && isPlainClick(event) && router.push(rowHref(row.original))}
              className={rowHref ? "cursor-pointer" : undefined}
            >
              {bulk ? (
                <Cell narrow="select">
                  <Checkbox
                    bare
                    tabIndex={-1}
                    label={`Select ${rowName?.(row.original) ?? row.id}`}
                    checked={row.getIsSelected()}
                    onChange={() => undefined}
                    onClick={(event) => select(at, event.shiftKey)}
                  />
                </Cell>
              ) : null}
              {shown.map((column, columnAt) => (
                <Cell key={column.id} align={column.align} mono={column.mono} narrow={narrowOf(columns, column)}>
                  {columnAt === 0 && rowHref ? (
                    <Link
                      href={rowHref(row.original)}
                      prefetch={false}
                      tabIndex={-1}
                      className="font-medium text-ink hover:text-accent"
                    >
                      {column.cell(row.original)}
                    </Link>
                  ) : (
                    column.cell(row.original)
                  )}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
      <ListFooter shown={data.length} total={props.total} pages={pages} />
      {bulk && selected.length > 0 ? (
        <div
          className="sticky bottom-3 z-20 mt-3 flex flex-wrap items-center gap-3 rounded border border-line bg-surface px-3 py-2 shadow-float"
          data-chrome=""
        >
          <span aria-live="polite">{selected.length} selected</span>
          {bulk(selected, () => table.resetRowSelection())}
          <Button look="ghost" onClick={() => table.resetRowSelection()}>
            Clear
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** Not a click on something inside the row that has its own effect, nor the end of selecting text. */
function isPlainClick(event: MouseEvent<HTMLTableRowElement>): boolean {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return false;
  if (window.getSelection()?.type === "Range") return false;
  return !(event.target instanceof Element && event.target.closest("a, button, input, label, select, summary"));
}
