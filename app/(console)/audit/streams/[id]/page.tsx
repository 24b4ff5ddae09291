import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type StreamView, streamReference } from "#db/audit/stream/contract.ts";
import { readStream } from "#db/audit/stream/list.ts";
import { Refusal } from "#db/errors.ts";
import { queryWords } from "../../exports/words.ts";
import { pauseStream, removeStream, resumeStream } from "../actions.ts";
import { CursorTable } from "../cursor-table.tsx";
import { Standing } from "../standing.tsx";
import { TestButton } from "../test-button.tsx";

export const metadata: Metadata = { title: "Stream" };

export default async function StreamPage({ params }: PageProps<"/audit/streams/[id]">) {
  const actor = await pageActor("audit.read");
  const parsed = streamReference.safeParse(await params);
  if (!parsed.success) notFound();
  const stream = await readStream(actor, parsed.data.id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  return (
    <Screen
      above={<Link href="/audit/streams">Streams</Link>}
      title={stream.name}
      answer={
        <>
          <Standing standing={stream.standing} />. {await queryWords(stream.query)}
        </>
      }
      actions={actor.capabilities.has("audit.stream") ? <Acts stream={stream} /> : null}
    >
      <Section
        title="By database"
        answer="Entries go in the order of their transactions, and only once every older transaction is over: none can appear behind."
      >
        <CursorTable cursors={stream.cursors} />
      </Section>
      <Section title="Where it goes">
        <Facts
          items={[
            { label: "To", value: <code>{stream.place}</code> },
            { label: "Kind", value: stream.kind },
            ...(stream.target.kind === "webhook" && stream.target.headers
              ? [{ label: "Headers", value: `${stream.target.headers.join(", ")}, with sealed values` }]
              : []),
            { label: "Lines", value: stream.format === "ocsf" ? "OCSF 1.3" : "NDJSON, every column" },
            { label: "Delivery", value: "at least once: drop what you have by database_id and id" },
            {
              label: "Created",
              value: (
                <>
                  <When at={stream.createdAt} /> by {stream.createdBy}
                </>
              ),
            },
          ]}
        />
      </Section>
    </Screen>
  );
}

function Acts({ stream }: { stream: StreamView }) {
  const input = { id: stream.id };
  return (
    <>
      <TestButton id={stream.id} />
      <LinkButton href={`/audit/streams/${stream.id}/change`}>Change stream</LinkButton>
      {stream.pausedAt === null ? (
        <ActionButton action={pauseStream} input={input}>
          Pause stream
        </ActionButton>
      ) : (
        <ActionButton look="primary" action={resumeStream} input={input}>
          Resume stream
        </ActionButton>
      )}
      <DangerDialog
        tier="costly"
        verb="streams.remove"
        subject={stream.name}
        effect={`Nothing more is sent to ${stream.place}. How far it had got is forgotten: a new stream begins now or with what is in PostgreSQL. Months that wait for it may be archived.`}
        fields={input}
        action={removeStream}
        confirm="Remove stream"
        redirectTo="/audit/streams"
      />
    </>
  );
}
