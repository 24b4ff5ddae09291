import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { type PlaceView, placeReference } from "#db/audit/proof/places/contract.ts";
import { readPlace } from "#db/audit/proof/places/list.ts";
import { Refusal } from "#db/errors.ts";
import { CursorTable } from "../../../streams/cursor-table.tsx";
import { Standing } from "../../../streams/standing.tsx";
import { removePlace } from "../../actions.ts";

export const metadata: Metadata = { title: "Place for checkpoints" };

const kindWords: Record<PlaceView["kind"], string> = {
  folder: "a folder of the worker's machine, each checkpoint a file",
  webhook: "a webhook, each checkpoint the body of a signed POST",
  s3: "a bucket, each checkpoint an object",
};

export default async function PlacePage({ params }: PageProps<"/audit/proof/places/[id]">) {
  const actor = await pageActor("audit.read");
  const parsed = placeReference.safeParse(await params);
  if (!parsed.success) notFound();
  const place = await readPlace(actor, parsed.data.id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  return (
    <Screen
      above={<Link href="/audit/proof">Proof</Link>}
      title={place.name}
      answer={<Standing standing={place.standing} />}
      actions={actor.capabilities.has("audit.stream") ? <Remove place={place} /> : null}
    >
      <Section title="By log" answer="Each log's checkpoints go in their order, each at least once.">
        {place.deliveries.length === 0 ? (
          <p className="text-muted">The worker begins within a minute.</p>
        ) : (
          <CursorTable cursors={place.deliveries} />
        )}
      </Section>
      <Section title="Where it is">
        <Facts
          items={[
            { label: "To", value: <code>{place.place}</code> },
            { label: "Kind", value: kindWords[place.kind] },
            {
              label: "Added",
              value: (
                <>
                  <When at={place.createdAt} /> by {place.createdBy}
                </>
              ),
            },
          ]}
        />
      </Section>
    </Screen>
  );
}

function Remove({ place }: { place: PlaceView }) {
  return (
    <DangerDialog
      tier="costly"
      verb="audit.remove_place"
      subject={place.name}
      effect={`No more checkpoints are put into ${place.place}, and verifications no longer read it. What is there stays.`}
      fields={{ id: place.id }}
      action={removePlace}
      confirm="Remove place"
      redirectTo="/audit/proof"
    />
  );
}
