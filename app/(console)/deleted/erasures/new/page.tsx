import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { legalBases } from "#db/records/erasure/contract.ts";
import { searchablePlaces } from "#db/records/erasure/places.ts";
import { DeletedTabs } from "../../deleted-tabs.tsx";
import { PersonForm } from "./person-form.tsx";

export const metadata: Metadata = { title: "Find a person" };

interface NewProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Whom to look for, and where: everything that is found is shown before anything is done. */
export default async function NewErasure({ searchParams }: NewProps) {
  const actor = await pageActor("records.erase");
  const places = await searchablePlaces(actor);
  const params = await searchParams;
  const given = (name: string) => (typeof params[name] === "string" ? params[name] : "");
  return (
    <Screen
      above={<Link href="/deleted/erasures">Erasures</Link>}
      title="Find a person"
      answer="A search changes nothing. It shows what names the person, and what could become of it."
      filters={<DeletedTabs />}
    >
      {places.length === 0 ? (
        <EmptyState title="No database is adopted" action={<LinkButton href="/databases">Adopt a database</LinkButton>}>
          People are searched for in adopted databases.
        </EmptyState>
      ) : (
        <PersonForm
          places={places}
          bases={[...legalBases]}
          given={{
            database: given("database"),
            table: given("table"),
            schema: given("schema"),
            record: given("record"),
          }}
        />
      )}
    </Screen>
  );
}
