import Link from "next/link";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Server } from "#db/databases/servers.ts";
import { removeServer } from "../actions.ts";

const tlsWords = { disable: "no TLS", require: "TLS, not verified", "verify-full": "TLS, verified" } as const;

export function ServerList({ servers, chosen }: { servers: Server[]; chosen: string | null }) {
  return (
    <Table label="Servers">
      <Head
        columns={[{ label: "Server" }, { label: "Address" }, { label: "Connection" }, { label: "Act", hidden: true }]}
      />
      <tbody>
        {servers.map((server) => (
          <Row key={server.id} data-selected={server.id === chosen ? "" : undefined}>
            <Cell narrow="title">
              <Link
                href={`/databases/add?server=${server.id}`}
                aria-current={server.id === chosen ? "true" : undefined}
                className="font-medium"
              >
                {server.name}
              </Link>
            </Cell>
            <Cell narrow="meta" mono>
              {server.host}:{server.port}
            </Cell>
            <Cell narrow="meta" className="text-muted">
              {server.username}, {tlsWords[server.tlsMode]}
            </Cell>
            <Cell narrow="end" align="end">
              <ActionButton
                look="ghost"
                small
                action={removeServer}
                input={{ serverId: server.id }}
                doneMessage={`${server.name} is forgotten.`}
              >
                Forget
              </ActionButton>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
