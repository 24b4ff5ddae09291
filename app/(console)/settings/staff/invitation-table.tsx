import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { InvitationRow } from "#db/staff/contract.ts";
import { revokeInvitation } from "./actions.ts";

export function InvitationTable({ invitations, manages }: { invitations: InvitationRow[]; manages: boolean }) {
  if (invitations.length === 0) {
    return (
      <EmptyState title="No open invitations">
        An administrator invites people; the link holds for three days.
      </EmptyState>
    );
  }
  const columns = [
    { label: "E-mail address" },
    { label: "Role" },
    { label: "Invited by" },
    { label: "Expires" },
    ...(manages ? [{ label: "Take back", hidden: true, align: "end" as const }] : []),
  ];
  return (
    <Table label="Open invitations">
      <Head columns={columns} />
      <tbody>
        {invitations.map((invitation) => (
          <Row key={invitation.id}>
            <Cell narrow="title">{invitation.email ?? "whoever has the setup link"}</Cell>
            <Cell narrow="meta">{invitation.role}</Cell>
            <Cell narrow="hidden">
              {invitation.invitedBy ?? (invitation.email === null ? "the start command" : "the command line")}
            </Cell>
            <Cell narrow="meta">
              {invitation.expired ? <Status kind="neutral">expired</Status> : <When at={invitation.expiresAt} />}
            </Cell>
            {manages ? (
              <Cell narrow="end" align="end">
                <ActionButton
                  small
                  action={revokeInvitation}
                  input={{ id: invitation.id }}
                  doneMessage="Invitation taken back"
                >
                  Take back
                </ActionButton>
              </Cell>
            ) : null}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
