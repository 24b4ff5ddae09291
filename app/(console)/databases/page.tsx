import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { listFleetWithStatus } from "#db/databases/list.ts";
import { stateLook } from "./words.ts";

export const metadata: Metadata = { title: "Databases" };

type Listed = Awaited<ReturnType<typeof listFleetWithStatus>>;

export default async function DatabasesPage({ searchParams }: PageProps<"/databases">) {
  const actor = await pageActor("databases.read");
  const { database } = await searchParams;
  const fleet = await listFleetWithStatus(actor);
  const shown = fleet.filter((one) => database === undefined || database === "" || one.id === database);
  const mayManage = actor.capabilities.has("databases.manage");
  return (
    <Screen
      title="Databases"
      answer={answerOf(fleet)}
      actions={
        mayManage ? (
          <LinkButton look="primary" href="/databases/add">
            Add database
          </LinkButton>
        ) : null
      }
    >
      {shown.length === 0 ? <NoDatabases mayManage={mayManage} /> : <FleetTable fleet={shown} />}
    </Screen>
  );
}

function answerOf(fleet: Listed): string {
  const attention = fleet.filter(({ status }) => status.state !== "adopted" && status.state !== "unreachable").length;
  const silent = fleet.filter(({ status }) => status.state === "unreachable").length;
  if (fleet.length === 0) return "No database is known yet.";
  const needs =
    attention === 0 ? "none needs attention" : `${attention} ${attention === 1 ? "needs" : "need"} attention`;
  return `${counted(fleet.length, "database")}: ${needs}${silent > 0 ? `, ${silent} not answering` : ""}.`;
}

function FleetTable({ fleet }: { fleet: Listed }) {
  return (
    <Table label="Databases">
      <Head
        columns={[
          { label: "Database" },
          { label: "Server" },
          { label: "State" },
          { label: "Finding" },
          { label: "Adopted", align: "end" },
        ]}
      />
      <tbody>
        {fleet.map(({ id, name, serverName, status }) => (
          <Row key={id}>
            <Cell narrow="title">
              <Link href={`/databases/${id}`} className="font-medium">
                {name}
              </Link>
            </Cell>
            <Cell narrow="meta">{serverName}</Cell>
            <Cell narrow="end">
              <Status kind={stateLook[status.state].kind}>{stateLook[status.state].word}</Status>
            </Cell>
            <Cell narrow="meta" className="text-muted">
              {status.sentence}
            </Cell>
            <Cell align="end" narrow="hidden">
              <When at={status.adoptedAt} align="end" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function NoDatabases({ mayManage }: { mayManage: boolean }) {
  return (
    <EmptyState
      title="No databases yet"
      action={mayManage ? <LinkButton href="/databases/add">Add a database</LinkButton> : null}
    >
      Add the server of an application, choose its database, and look at what Caretaker would install before anything
      changes.
    </EmptyState>
  );
}
