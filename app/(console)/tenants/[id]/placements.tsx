import Link from "next/link";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { Placement } from "#db/tenants/contract.ts";

/** Where the tenant lives, and where it lived before. */
export function Placements({ placements }: { placements: Placement[] }) {
  if (placements.length === 0) {
    return (
      <EmptyState title="No placement">The next import of its database's tenants finds where it lives.</EmptyState>
    );
  }
  return (
    <Table label="Placements">
      <Head
        columns={[
          { label: "Database" },
          { label: "Schema" },
          { label: "Tier" },
          { label: "State" },
          { label: "Since" },
        ]}
      />
      <tbody>
        {placements.map((placement) => (
          <Row key={placement.id}>
            <Cell narrow="title">
              <Link href={`/databases/${placement.databaseId}`}>{placement.databaseName}</Link>{" "}
              <span className="text-faint">on {placement.serverName}</span>
            </Cell>
            <Cell mono narrow="meta">
              {placement.schema}
            </Cell>
            <Cell narrow="meta">{placement.tier}</Cell>
            <Cell narrow="end">
              <Status kind={placement.state === "open" ? "good" : "neutral"}>{placement.state}</Status>
            </Cell>
            <Cell narrow="meta">
              <When at={placement.openedAt} align="end" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
