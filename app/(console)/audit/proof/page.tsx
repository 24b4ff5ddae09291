import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Code } from "#components/ui/code.tsx";
import { listPlaces } from "#db/audit/proof/places/list.ts";
import { proofStandings, publicKeys } from "#db/audit/proof/standing.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { LogProof } from "./log-proof.tsx";
import { PlaceList } from "./place-list.tsx";
import { answerOf } from "./words.ts";

export const metadata: Metadata = { title: "Proof" };

export default async function ProofPage() {
  const actor = await pageActor("audit.read");
  const [standings, keys, places] = await Promise.all([proofStandings(actor), publicKeys(actor), listPlaces(actor)]);
  const now = Date.now();
  const mayVerify = actor.capabilities.has("audit.verify");
  return (
    <Screen title="Proof" answer={answerOf(standings, now)}>
      <AuditTabs />
      {standings.map((standing) => (
        <LogProof key={standing.databaseId} standing={standing} now={now} mayVerify={mayVerify} />
      ))}
      <PlaceList places={places} mayAdd={actor.capabilities.has("audit.stream")} />
      <Section
        title="Public key"
        answer="Give it to whoever verifies an export, by another way than the export itself."
      >
        {keys.length === 0 ? (
          <EmptyState title="No key yet">The first checkpoint makes it, within a minute of the first entry.</EmptyState>
        ) : (
          <div className="grid gap-2">
            {keys.map((key) => (
              <Code key={key} text={key} what="public key" />
            ))}
          </div>
        )}
      </Section>
      <Section title="Verify an export offline" answer="Without a database, a network or this console.">
        <Code
          text={
            "bin/caretaker audit export --format ndjson --with-proofs --output EXPORT.ndjson\nbin/verify EXPORT.ndjson --key KEY"
          }
          what="commands"
        />
      </Section>
    </Screen>
  );
}
