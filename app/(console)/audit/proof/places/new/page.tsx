import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { PlaceForm } from "../place-form.tsx";

export const metadata: Metadata = { title: "New place for checkpoints" };

export default async function NewPlacePage() {
  await pageActor("audit.stream");
  return (
    <Screen
      above={<Link href="/audit/proof">Proof</Link>}
      title="New place for checkpoints"
      answer="The newest checkpoint of each log goes there first, and then each that is signed."
    >
      <div className="max-w-[60ch]">
        <PlaceForm />
      </div>
    </Screen>
  );
}
