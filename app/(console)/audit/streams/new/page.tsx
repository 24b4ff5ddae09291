import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { queryWords } from "../../exports/words.ts";
import { filterText } from "../filter-text.ts";
import { StreamForm } from "../stream-form.tsx";

export const metadata: Metadata = { title: "New stream" };

export default async function NewStreamPage({ searchParams }: PageProps<"/audit/streams/new">) {
  await pageActor("audit.stream");
  const { q, database, tenant } = await searchParams;
  const given = Object.entries({ q, database, tenant }).flatMap(([name, value]) => {
    const [one] = [value].flat();
    return one ? [[name, one]] : [];
  });
  const query = new URLSearchParams(given).toString();
  return (
    <Screen
      above={<Link href="/audit/streams">Streams</Link>}
      title="New stream"
      answer={await queryWords(query)}
      actions={<LinkButton href={query === "" ? "/audit" : `/audit?${query}`}>Look at these entries</LinkButton>}
    >
      <div className="max-w-[60ch]">
        <StreamForm query={query} filter={filterText(query)} />
      </div>
    </Screen>
  );
}
