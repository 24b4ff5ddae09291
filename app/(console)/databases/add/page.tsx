import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { listServers } from "#db/databases/servers.ts";
import { AddServer } from "./add-server.tsx";
import { ServerDatabases } from "./server-databases.tsx";
import { ServerList } from "./server-list.tsx";

export const metadata: Metadata = { title: "Add a database" };

export default async function AddPage({ searchParams }: PageProps<"/databases/add">) {
  const actor = await pageActor("databases.manage");
  const { server: chosen } = await searchParams;
  const servers = await listServers(actor);
  const server = servers.find((one) => one.id === chosen) ?? (servers.length === 1 ? servers[0] : undefined);
  return (
    <Screen
      title="Add a database"
      answer="Nothing in a database changes until you have seen its plan and applied it."
      above={<Link href="/databases">Databases</Link>}
    >
      <div className="grid items-start gap-8 lg:grid-cols-2">
        <div className="grid gap-6">
          <Section title="Servers" answer="Choose where the database is, or add its server.">
            {servers.length === 0 ? (
              <EmptyState title="No server yet">Add the first one with a connection URL.</EmptyState>
            ) : (
              <ServerList servers={servers} chosen={server?.id ?? null} />
            )}
          </Section>
          <Section title="Add a server">
            <AddServer />
          </Section>
        </div>
        {server ? (
          <Section title={`Databases on ${server.name}`} aside={`${server.host}:${server.port}`}>
            <ServerDatabases actor={actor} serverId={server.id} />
          </Section>
        ) : null}
      </div>
    </Screen>
  );
}
