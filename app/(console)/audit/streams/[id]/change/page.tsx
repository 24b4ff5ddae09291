import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { readStream } from "#db/audit/stream/list.ts";
import { Refusal } from "#db/errors.ts";
import { filterText } from "../../filter-text.ts";
import { ChangeForm } from "./change-form.tsx";

export const metadata: Metadata = { title: "Change a stream" };

export default async function ChangeStreamPage({ params }: PageProps<"/audit/streams/[id]/change">) {
  const actor = await pageActor("audit.stream");
  const { id } = await params;
  const stream = await readStream(actor, id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const { revision, name, kind, format, query, target } = stream;
  return (
    <Screen
      above={<Link href={`/audit/streams/${id}`}>{name}</Link>}
      title={`Change ${name}`}
      answer="It goes on from where it is. What changes about its delivery takes effect once the receiver has taken a test event."
    >
      <div className="max-w-[60ch]">
        <ChangeForm stream={{ id, revision, name, kind, format, query, target }} filter={filterText(query)} />
      </div>
    </Screen>
  );
}
