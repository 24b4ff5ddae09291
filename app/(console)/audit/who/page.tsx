import type { Metadata } from "next";
import { Suspense } from "react";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { monthsIn } from "#db/audit/cold/contract.ts";
import { auditFilter } from "#db/audit/contract.ts";
import type { Deletion, WhoDeleted } from "#db/audit/who-deleted.ts";
import { askWhoDeleted } from "#db/audit/who-deleted-asked.ts";
import { whoQuestion } from "#db/audit/who-deleted-question.ts";
import { withoutArchive } from "../addresses.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { ArchiveOffer } from "../cold/archive-offer.tsx";
import { DeletionAnswer } from "./deletion-answer.tsx";
import { NotDeleted } from "./not-deleted.tsx";
import { OtherDeletions } from "./other-deletions.tsx";
import { WhoForm } from "./who-form.tsx";
import { answerWords } from "./words.ts";

export const metadata: Metadata = { title: "Who deleted this?" };

export default async function WhoPage({ searchParams }: PageProps<"/audit/who">) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const one = (name: string) => [params[name]].flat().find((value) => value !== undefined && value !== "");
  const scope = { database: one("database"), tenant: one("tenant") };
  const asked = whoQuestion.safeParse({ text: one("q"), ...scope });
  const months = monthsIn(one("archive"));
  const found = asked.success ? await askWhoDeleted(actor, asked.data, months, await readerSignal()) : null;
  const chosen = found === null ? null : chosenOf(found, one("entry"));
  return (
    <Screen
      title="Who deleted this?"
      answer={
        found === null
          ? "Paste an id, an e-mail, a slug, a number or a name, also of a row and of a user that are long gone."
          : answerWords(found, chosen)
      }
    >
      <AuditTabs />
      <WhoForm text={one("q") ?? ""} scope={scope} />
      {found === null ? null : (
        <>
          <PartialNote silent={found.silent} />
          {chosen === null ? (
            <NotDeleted found={found} />
          ) : (
            <DeletionAnswer actor={actor} deletion={chosen} months={months} />
          )}
          <OtherDeletions found={found} chosen={chosen} scope={{ ...scope, archive: months.join() || undefined }} />
          <Suspense fallback={null}>
            <ArchiveOffer
              actor={actor}
              filter={auditFilter.parse(scope)}
              who={found.asked}
              what="deletions of what is called so"
              months={months}
              without={withoutArchive("/audit/who", params)}
            />
          </Suspense>
        </>
      )}
    </Screen>
  );
}

function chosenOf({ deletions }: WhoDeleted, entry: string | undefined): Deletion | null {
  return deletions.find(({ id }) => id === entry) ?? deletions[0] ?? null;
}
