import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Badge } from "#components/ui/badge.tsx";
import type { SessionRow } from "#db/staff/contract.ts";
import { revokeSession } from "./actions.ts";
import { browserOf } from "./browser.ts";

const columns = [
  { label: "Browser" },
  { label: "Address" },
  { label: "Signed in" },
  { label: "Last used" },
  { label: "Ends at the latest" },
  { label: "Revoke", hidden: true, align: "end" as const },
];

export function SessionTable({ sessions }: { sessions: SessionRow[] }) {
  return (
    <Table label="Open sessions">
      <Head columns={columns} />
      <tbody>
        {sessions.map((session) => (
          <Row key={session.id}>
            <Cell narrow="title" title={session.userAgent ?? undefined}>
              {browserOf(session.userAgent)} {session.current ? <Badge tone="accent">this one</Badge> : null}
            </Cell>
            <Cell narrow="meta" mono>
              {session.ip ?? "unknown"}
            </Cell>
            <Cell narrow="hidden">
              <When at={session.createdAt} />
            </Cell>
            <Cell narrow="meta">
              <When at={session.lastSeenAt} />
            </Cell>
            <Cell narrow="hidden">
              <When at={session.expiresAt} />
            </Cell>
            <Cell narrow="end" align="end">
              {session.current ? null : (
                <ActionButton small action={revokeSession} input={{ id: session.id }} doneMessage="Session ended">
                  End session
                </ActionButton>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
