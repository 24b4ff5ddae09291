import { Status } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { StreamCursor } from "#db/audit/stream/contract.ts";

/** How far each database has got, and what stands in the way. */
export function CursorTable({ cursors }: { cursors: StreamCursor[] }) {
  if (cursors.length === 0) return <p className="text-muted">No database's log can hold what the filter asks for.</p>;
  return (
    <Table label="By database">
      <Head
        columns={[
          { label: "Database" },
          { label: "Sent", align: "end" },
          { label: "Last sent" },
          { label: "Behind since" },
          { label: "Looked" },
          { label: "What is in the way" },
        ]}
      />
      <tbody>
        {cursors.map((cursor) => (
          <Row key={cursor.databaseId}>
            <Cell narrow="title">{cursor.databaseName}</Cell>
            <Cell align="end" narrow="end">
              {count(cursor.delivered)}
            </Cell>
            <Cell>
              <When at={cursor.deliveredAt} none="nothing yet" />
            </Cell>
            <Cell>
              <When at={cursor.behindSince} none="caught up" />
            </Cell>
            <Cell>
              <When at={cursor.checkedAt} none="not yet" />
            </Cell>
            <Cell>{cursor.error ? <Failure cursor={cursor} /> : ""}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Failure({ cursor }: { cursor: StreamCursor }) {
  return (
    <div>
      <Status kind="critical">
        {cursor.failures === 1 ? "1 failure" : `${cursor.failures} failures in a row`}, next try{" "}
        <When at={cursor.nextTryAt} />
      </Status>
      <p className="text-muted [overflow-wrap:anywhere]">{cursor.error}</p>
    </div>
  );
}
