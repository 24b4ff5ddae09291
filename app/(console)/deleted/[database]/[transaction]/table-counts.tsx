import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { nounOf } from "#db/audit/story-noun.ts";
import type { DeletionTable } from "#db/records/bin/contract.ts";

/** How many rows of which tables and tenants a deletion took. */
export function TableCounts({ tables }: { tables: readonly DeletionTable[] }) {
  return (
    <Table label="What was deleted, by table" stacks={false}>
      <Head columns={[{ label: "What" }, { label: "How" }, { label: "Tenant" }, { label: "Rows", align: "end" }]} />
      <tbody>
        {tables.map(({ schema, table, tenant, kind, rows }) => (
          <Row key={JSON.stringify([schema, table, tenant, kind])}>
            <Cell>{table === null ? "rows" : nounOf(table, rows)}</Cell>
            <Cell>
              <Badge>{kind === "hard" ? "gone" : "marked"}</Badge>
            </Cell>
            <Cell>{tenant}</Cell>
            <Cell align="end">{rows.toLocaleString("en")}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
