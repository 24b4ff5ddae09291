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

interface ApiTokensProps {
  tokens: ApiTokenRow[];
  /** Said where there is none. */
  none: string;
  databases: { id: string; name: string }[];
}

export function ApiTokens({ tokens, none, databases }: ApiTokensProps) {
  const names = new Map(databases.map(({ id, name }) => [id, name]));
  if (tokens.length === 0) {
    return <EmptyState title="No API tokens">{none}</EmptyState>;
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
              {token.databaseId ? (
                <span className="text-muted"> to {names.get(token.databaseId) ?? "a database that was released"}</span>
              ) : null}
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
