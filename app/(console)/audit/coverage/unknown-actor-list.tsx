import Link from "next/link";
import { EmptyState } from "#components/feedback/states.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { unknownActor } from "#db/audit/contract.ts";
import type { UnknownActors } from "#db/audit/coverage/contract.ts";

export function UnknownActorList({ databaseId, unknown }: { databaseId: string; unknown: UnknownActors }) {
  if (unknown.entries === 0) {
    return (
      <EmptyState title="Every entry names its actor">
        In the last {unknown.days} days nothing was written without saying who acts.
      </EmptyState>
    );
  }
  const all = new URLSearchParams({ database: databaseId, actor: unknownActor });
  return (
    <div className="grid gap-2">
      <Table label="Entries without a known actor">
        <Head
          columns={[
            { label: "Database role" },
            { label: "Program" },
            { label: `Entries in ${unknown.days} days`, align: "end" },
            { label: "Newest" },
          ]}
        />
        <tbody>
          {unknown.groups.map((group) => (
            <Row key={JSON.stringify([group.role, group.application])}>
              <Cell mono narrow="title">
                {group.role ?? <span className="text-faint">not recorded</span>}
              </Cell>
              <Cell mono narrow="meta">
                {group.application ?? <span className="text-faint">no application_name</span>}
              </Cell>
              <Cell narrow="end" align="end">
                {count(group.entries)}
              </Cell>
              <Cell narrow="meta">
                <When at={group.newest} />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      <p className="text-muted">
        {unknown.exact ? "" : "Estimated from a sample of the log's pages. "}
        <Link href={`/audit?${all}`}>Show entries without a known actor</Link>
      </p>
    </div>
  );
}
