import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { ApiTokenRow } from "#db/staff/contract.ts";
import { revokeApiToken } from "./actions.ts";

const columns = [
  { label: "Name" },
  { label: "May" },
  { label: "Last used" },
  { label: "Expires" },
  { label: "Revoke", hidden: true, align: "end" as const },
];

export function ApiTokens({ tokens }: { tokens: ApiTokenRow[] }) {
  if (tokens.length === 0) {
    return <EmptyState title="No API tokens">Create one to use the command line or the API from a script.</EmptyState>;
  }
  return (
    <Table label="API tokens">
      <Head columns={columns} />
      <tbody>
        {tokens.map((token) => (
          <Row key={token.id}>
            <Cell narrow="title">{token.name}</Cell>
            <Cell narrow="meta" mono className="whitespace-normal">
              {token.capabilities.join(", ")}
            </Cell>
            <Cell narrow="hidden">
              <When at={token.lastUsedAt} />
            </Cell>
            <Cell narrow="meta">
              {token.expired ? <Status kind="neutral">expired</Status> : <When at={token.expiresAt} />}
            </Cell>
            <Cell narrow="end" align="end">
              <ActionButton small action={revokeApiToken} input={{ id: token.id }} doneMessage="API token revoked">
                Revoke token
              </ActionButton>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
