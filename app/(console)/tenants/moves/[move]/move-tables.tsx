import { Status } from "#components/feedback/status.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { MoveTableView, MoveView } from "#db/moves/contract.ts";

export function MoveTables({ move }: { move: MoveView }) {
  return (
    <Table label="Tables of the move">
      <Head
        columns={[
          { label: "Table" },
          { label: "Class", width: "w-20" },
          { label: "Copied", width: "w-40" },
          { label: "Rows", align: "end", width: "w-28" },
          { label: "Expected", align: "end", width: "w-28" },
          { label: "Bytes", align: "end", width: "w-24" },
          { label: "Read again", align: "end", width: "w-24" },
          { label: "Compared", width: "w-48" },
          { label: "Checksum", width: "w-36" },
        ]}
      />
      <tbody>
        {move.tables.map((table) => (
          <Row key={table.name}>
            <Cell mono narrow="title">
              {table.name}
            </Cell>
            <Cell narrow="hidden">{table.class}</Cell>
            <Cell narrow="end">
              <Copied table={table} />
            </Cell>
            <Cell align="end" narrow="meta">
              {count(table.rows)} <span className="sm:hidden">rows</span>
            </Cell>
            <Cell align="end" narrow="hidden">
              {table.estimatedRows === null ? "unknown" : `~ ${count(table.estimatedRows)}`}
            </Cell>
            <Cell align="end" narrow="meta">
              {bytes(table.bytes)}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(table.drained)}
            </Cell>
            <Cell narrow="meta">
              <Compared table={table} />
            </Cell>
            <Cell narrow="hidden">
              {table.checksum === null ? "" : <Copy text={table.checksum} what={`checksum of ${table.name}`} />}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Copied({ table }: { table: MoveTableView }) {
  if (table.copiedAt !== null) return <Status kind="good">copied</Status>;
  if (table.rows > 0) return <Status kind="neutral">being copied</Status>;
  return <span className="text-faint">not yet</span>;
}

function Compared({ table }: { table: MoveTableView }) {
  if (table.verifiedAt === null) return <span className="text-faint">not compared yet</span>;
  return (
    <>
      {count(table.verifiedRows ?? 0)} rows equal, <When at={table.verifiedAt} inRow align="end" />
    </>
  );
}
