import Link from "next/link";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Server } from "#db/databases/servers.ts";
import { removeServer } from "../actions.ts";
import { ChangeServer } from "./change-server.tsx";

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
              <span className="flex flex-wrap justify-end gap-2">
                <ChangeServer server={server} />
                <ActionButton
                  look="ghost"
                  small
                  action={removeServer}
                  input={{ serverId: server.id }}
                  doneMessage={`${server.name} is forgotten.`}
                >
                  Forget
                </ActionButton>
              </span>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
