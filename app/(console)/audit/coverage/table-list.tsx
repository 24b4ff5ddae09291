import Link from "next/link";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { FilterBar } from "#components/table/filter-bar.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import {
  type CoveredTable,
  coverageStates,
  type TableVolume,
  tableName,
  type Volume,
  type WriteCost,
  type WriteCosts,
} from "#db/audit/coverage/contract.ts";
import { coverageHref, stateLook } from "./words.ts";

interface CoveredTablesProps {
  databaseId: string;
  tables: CoveredTable[];
  /** Null where it could not be read; the columns are then empty. */
  volume: Volume | null;
  costs: WriteCosts | null;
  state: string;
  find: string;
}

const shownMax = 200;

export function CoveredTables({ databaseId, tables, volume, costs, state, find }: CoveredTablesProps) {
  const text = find.trim().toLowerCase();
  const matching = tables.filter(
    (table) =>
      (state === "" || table.state === state) && (text === "" || tableName(table).toLowerCase().includes(text)),
  );
  const volumes = new Map(volume?.tables.map((one) => [JSON.stringify([one.schema, one.table]), one]));
  const measured = new Map(costs?.tables.map((one) => [JSON.stringify([one.schema, one.table]), one]));
  if (tables.length === 0)
    return <EmptyState title="This database has no tables">Tables appear here as they are made.</EmptyState>;
  return (
    <div className="grid gap-3">
      <FilterBar fields={fieldsOf(tables)} />
      {matching.length === 0 ? (
        <NoMatch
          title="No table matches"
          action={<LinkButton href={coverageHref(databaseId)}>Show all tables</LinkButton>}
        />
      ) : (
        <Table label="Tables and whether their writes are recorded">
          <Head
            columns={[
              { label: "Table" },
              { label: "State" },
              { label: "Why" },
              { label: "Entries a day", align: "end" },
              { label: "Bytes a day", align: "end" },
              { label: "µs a statement", align: "end" },
              { label: "Unclassified", align: "end" },
            ]}
          />
          <tbody>
            {matching.slice(0, shownMax).map((table) => {
              const key = JSON.stringify([table.schema, table.name]);
              return (
                <TableRow
                  key={key}
                  databaseId={databaseId}
                  table={table}
                  volume={volumes.get(key)}
                  cost={measured.get(key)}
                />
              );
            })}
          </tbody>
        </Table>
      )}
      {matching.length > shownMax ? (
        <p className="text-muted">
          {count(matching.length - shownMax)} more match; find them by name. Tables that need something stand first.
        </p>
      ) : null}
    </div>
  );
}

interface TableRowProps {
  databaseId: string;
  table: CoveredTable;
  volume: TableVolume | undefined;
  cost: WriteCost | undefined;
}

function TableRow({ databaseId, table, volume, cost }: TableRowProps) {
  const look = stateLook[table.state];
  const entries = new URLSearchParams({ database: databaseId, schema: table.schema, table: table.name });
  return (
    <Row>
      <Cell mono narrow="title">
        <Link href={`/audit?${entries}`}>{tableName(table)}</Link>
      </Cell>
      <Cell narrow="end">
        <Status kind={look.kind}>{look.word}</Status>
      </Cell>
      <Cell narrow="meta" className="whitespace-normal text-muted">
        {table.why}
        {table.masked.length > 0 ? ` Masked: ${table.masked.join(", ")}.` : ""}
        {table.ignored.length > 0 ? ` No change by itself: ${table.ignored.join(", ")}.` : ""}
      </Cell>
      <Cell narrow="hidden" align="end">
        {volume ? count(Math.round(volume.entriesPerDay)) : ""}
      </Cell>
      <Cell narrow="hidden" align="end">
        {volume ? bytes(volume.bytesPerDay) : ""}
      </Cell>
      <Cell narrow="hidden" align="end">
        {cost ? count(Math.round(cost.microsecondsPerStatement)) : ""}
      </Cell>
      <Cell narrow="hidden" align="end">
        {table.unclassified.length > 0 ? count(table.unclassified.length) : ""}
      </Cell>
    </Row>
  );
}

function fieldsOf(tables: readonly CoveredTable[]) {
  const present = coverageStates.filter((state) => tables.some((table) => table.state === state));
  return [
    { name: "find", label: "Table", kind: "text" as const, placeholder: "Find a table" },
    {
      name: "state",
      label: "State",
      kind: "select" as const,
      options: [
        { value: "", label: "Any state" },
        ...present.map((state) => ({ value: state, label: stateLook[state].word })),
      ],
    },
  ];
}
