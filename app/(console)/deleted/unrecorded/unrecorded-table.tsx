import Link from "next/link";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { UnrecordedDeletion } from "#db/records/bin/contract.ts";
import { removedText } from "../words.ts";

export function UnrecordedTable({ rows }: { rows: UnrecordedDeletion[] }) {
  return (
    <Table label="Rows removed without a record">
      <Head
        columns={[
          { label: "Table" },
          { label: "Database", width: "w-36" },
          { label: "Rows", align: "end", width: "w-40" },
          { label: "When", width: "w-64" },
          { label: "What still holds them", width: "w-96" },
        ]}
      />
      <tbody>
        {rows.map((row) => (
          <Row key={row.id}>
            <Cell mono narrow="title">
              {row.schema === "public" ? "" : `${row.schema}.`}
              {row.table}
            </Cell>
            <Cell>{row.databaseName}</Cell>
            <Cell align="end" narrow="end">
              {removedText(row)}
            </Cell>
            <Cell>
              <Span {...row} />
            </Cell>
            <Cell className="whitespace-normal">
              <Holding row={row} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Span({ since, until }: UnrecordedDeletion) {
  if (since === null) {
    return (
      <>
        until <When at={until} />
      </>
    );
  }
  return (
    <>
      between <When at={since} /> and <When at={until} />
    </>
  );
}

function Holding({ row: { database, backup } }: { row: UnrecordedDeletion }) {
  if (backup === null) return <span className="text-warning">▲ No backup holds them.</span>;
  return (
    <>
      The <Link href={`/backups?${new URLSearchParams({ database })}`}>backup</Link> of <When at={backup.startedAt} />
      {backup.older ? " holds those that were there by then." : " holds those that went after it."}
    </>
  );
}
