import { bytes, count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { PlannedMoveTable } from "#db/moves/contract.ts";

export function PlannedTables({ tables }: { tables: readonly PlannedMoveTable[] }) {
  return (
    <Table label="Tables to move">
      <Head
        columns={[
          { label: "Table" },
          { label: "Class", width: "w-24" },
          { label: "Key" },
          { label: "Rows", align: "end", width: "w-28" },
          { label: "Bytes", align: "end", width: "w-28" },
        ]}
      />
      <tbody>
        {tables.map((table) => (
          <Row key={table.name}>
            <Cell mono narrow="title">
              {table.name}
            </Cell>
            <Cell narrow="meta">{table.class}</Cell>
            <Cell mono narrow="meta">
              {table.key.length > 0 ? table.key.join(", ") : "none"}
            </Cell>
            <Cell align="end" narrow="end">
              ~ {count(Math.round(table.estimatedRows))}
            </Cell>
            <Cell align="end" narrow="meta">
              {bytes(table.estimatedBytes)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
