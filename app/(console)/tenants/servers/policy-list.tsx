import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Choice } from "#db/placing/choose.ts";
import type { ServerStanding } from "#db/placing/contract.ts";
import type { ApplicationPolicy } from "#db/placing/read.ts";
import { PolicyForm } from "./policy-form.tsx";

interface PolicyListProps {
  policies: readonly (ApplicationPolicy & { choice: Choice })[];
  servers: readonly ServerStanding[];
  manages: boolean;
}

export function PolicyList({ policies, servers, manages }: PolicyListProps) {
  const names = servers.map(({ id, name }) => ({ id, name }));
  return (
    <Table label="Where tenants go">
      <Head
        columns={[
          { label: "Application" },
          { label: "Policy" },
          { label: "Now" },
          { label: "Change", hidden: true, align: "end" },
        ]}
      />
      <tbody>
        {policies.map((policy) => (
          <Row key={policy.homeDatabaseId}>
            <Cell narrow="title">{policy.databaseName}</Cell>
            <Cell narrow="meta">{policyText(policy, servers)}</Cell>
            <Cell narrow="meta" className="whitespace-normal">
              {policy.choice.server ? (
                policy.choice.why
              ) : (
                <Status kind="unknown">
                  {policy.choice.why} {policy.choice.refused.map(({ server, why }) => `${server}: ${why}.`).join(" ")}
                </Status>
              )}
            </Cell>
            <Cell align="end" narrow="end">
              {manages ? <PolicyForm policy={policy} servers={names} /> : null}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function policyText({ kind, region, serverId, setBy }: ApplicationPolicy, servers: readonly ServerStanding[]): string {
  const by = setBy === null ? ", as long as nobody says otherwise" : "";
  if (kind === "region") return `The least loaded server in ${region}`;
  if (kind === "pinned") return `${servers.find(({ id }) => id === serverId)?.name ?? "A server that is gone"}, pinned`;
  return `The least loaded server${by}`;
}
