import Link from "next/link";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { actorWords } from "#db/audit/sentence.ts";
import type { DeletedPage } from "#db/records/contract.ts";

const columns = [{ label: "Record" }, { label: "Deleted by" }, { label: "When", align: "end" as const }];

export function NewestDeletions({ page }: { page: DeletedPage }) {
  if (page.rows.length === 0 && page.silent.length > 0) return <PartialNote silent={page.silent} />;
  if (page.rows.length === 0) {
    return (
      <EmptyState title="Nothing was deleted">
        Rows that an adopted database loses appear here within the same transaction.
      </EmptyState>
    );
  }
  return (
    <>
      <PartialNote silent={page.silent} />
      <Table label="Newest deletions">
        <Head columns={columns} />
        <tbody>
          {page.rows.map((row) => (
            <Row key={`${row.database} ${row.schema}.${row.table} ${row.record} ${row.at}`}>
              <Cell narrow="title">
                <Link href={whereIs(row)} className="font-medium hover:text-accent">
                  {row.label ?? row.record ?? "a row without a key"}
                </Link>{" "}
                <span className="text-faint">
                  {row.table}, {row.databaseName}
                </span>
              </Cell>
              <Cell>{row.actor ? actorWords(row.actor) : <span className="text-faint">not recorded</span>}</Cell>
              <Cell align="end" narrow="end">
                <When at={row.at} none="unknown" align="end" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function whereIs(row: DeletedPage["rows"][number]): string {
  if (row.entry) return `/audit/${row.database}/${row.entry}`;
  return `/deleted?${new URLSearchParams({ database: row.database, schema: row.schema, table: row.table })}`;
}
