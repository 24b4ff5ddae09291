import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { StreamView } from "#db/audit/stream/contract.ts";
import { listStreams } from "#db/audit/stream/list.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { Standing } from "./standing.tsx";

export const metadata: Metadata = { title: "Streams" };

export default async function StreamsPage() {
  const actor = await pageActor("audit.read");
  const streams = await listStreams(actor);
  const mayStream = actor.capabilities.has("audit.stream");
  return (
    <Screen
      title="Streams"
      answer={answerOf(streams)}
      actions={
        mayStream ? (
          <LinkButton look="primary" href="/audit/streams/new">
            New stream
          </LinkButton>
        ) : null
      }
      filters={<AuditTabs />}
    >
      {streams.length === 0 ? (
        <EmptyState
          title="Nothing is sent on"
          action={mayStream ? <LinkButton href="/audit/streams/new">Create a stream</LinkButton> : null}
        >
          A stream sends entries to a webhook, a syslog receiver or a bucket seconds after they are committed, each at
          least once.
        </EmptyState>
      ) : (
        <StreamTable streams={streams} />
      )}
    </Screen>
  );
}

function answerOf(streams: readonly StreamView[]): string {
  const bad = streams.filter(
    ({ standing }) => standing === "failing" || standing === "behind" || standing === "unknown",
  );
  if (streams.length === 0) return "Entries stay in their databases.";
  if (bad.length === 0) return `${counted(streams.length, "stream")}, none of them late.`;
  return `${bad.length} of ${counted(streams.length, "stream")} ${bad.length === 1 ? "needs" : "need"} attention.`;
}

function StreamTable({ streams }: { streams: StreamView[] }) {
  return (
    <Table label="Streams">
      <Head
        columns={[
          { label: "Stream" },
          { label: "State" },
          { label: "To" },
          { label: "Behind since" },
          { label: "Last sent" },
        ]}
      />
      <tbody>
        {streams.map((stream) => (
          <Row key={stream.id}>
            <Cell narrow="title">
              <Link href={`/audit/streams/${stream.id}`}>{stream.name}</Link>
            </Cell>
            <Cell narrow="end">
              <Standing standing={stream.standing} />
            </Cell>
            <Cell mono className="[overflow-wrap:anywhere]">
              {stream.place}
            </Cell>
            <Cell>
              <When at={times(stream.cursors.map(({ behindSince }) => behindSince))[0]} none="caught up" />
            </Cell>
            <Cell>
              <When at={times(stream.cursors.map(({ deliveredAt }) => deliveredAt)).at(-1)} none="nothing yet" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** Those that there are, oldest first. */
function times(given: (string | null)[]): string[] {
  return given.filter((time) => time !== null).toSorted();
}
