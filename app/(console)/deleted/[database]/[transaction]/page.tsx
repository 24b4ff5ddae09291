import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { NoMatch } from "#components/feedback/states.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { Actor } from "#db/actor.ts";
import { Refusal } from "#db/errors.ts";
import { type Deletion, type OneDeletion, oneDeletion } from "#db/records/bin/contract.ts";
import { readDeletion } from "#db/records/bin/deletion.ts";
import { deletionRows } from "#db/records/bin/deletion-rows.ts";
import { ActorName } from "../../../audit/actor-name.tsx";
import { requestHref, transactionHref } from "../../../audit/addresses.ts";
import { Sentence } from "../../../audit/story/sentence.tsx";
import { planHref } from "../../addresses.ts";
import { KeptFor } from "../../kept-for.tsx";
import { extentText, openText } from "../../words.ts";
import { DeletionRows } from "./deletion-rows.tsx";
import { TableCounts } from "./table-counts.tsx";

export const metadata: Metadata = { title: "One deletion" };

/** One deletion from the answer to the evidence: who and how much, then every row and what became of it. */
export default async function OneDeletionPage({
  params,
  searchParams,
}: PageProps<"/deleted/[database]/[transaction]">) {
  const actor = await pageActor("records.read");
  const asked = oneDeletion.safeParse({ ...(await params), near: (await searchParams).near });
  if (!asked.success) notFound();
  const deletion = await deletionOrRefusal(actor, asked.data);
  const above = <Link href="/deleted">Deleted</Link>;
  if (deletion instanceof Refusal) {
    return (
      <Screen above={above} title="One deletion">
        <NoMatch title={deletion.message} action={<LinkButton href="/deleted">Go to the deletions</LinkButton>}>
          {deletion.fix}
        </NoMatch>
      </Screen>
    );
  }
  const page = await deletionRows(actor, asked.data);
  const { database, transaction, at, parts, evidence, lives, tables } = deletion;
  const query = new URLSearchParams({ database, transaction, near: at });
  return (
    <Screen
      above={above}
      title={<Sentence parts={parts} />}
      answer={
        <>
          <When at={at} precise />. {[evidence, ...lives].join(" ")}
        </>
      }
      actions={
        actor.capabilities.has("records.restore") && deletion.open !== 0 ? (
          <LinkButton look="primary" href={planHref({ database, transaction })}>
            Plan the restore
          </LinkButton>
        ) : null
      }
    >
      <DeletionFacts deletion={deletion} />
      <Section title="How much">
        <TableCounts tables={tables} />
      </Section>
      <Section title="Row by row">
        <DeletionRows
          rows={page.rows}
          next={page.next}
          endpoint={`/api/deleted/deletion?${query}`}
          mayRestore={actor.capabilities.has("records.restore")}
        />
      </Section>
    </Screen>
  );
}

function DeletionFacts({ deletion }: { deletion: Deletion }) {
  const { actor, ip, request, reason, databaseName, transaction, purgeAt } = deletion;
  const none = <span className="text-faint">not recorded</span>;
  return (
    <Facts
      items={[
        { label: "Who", value: <ActorName actor={actor} /> },
        { label: "From", value: ip ?? none },
        { label: "Request", value: request === null ? none : <Link href={requestHref(request)}>{request}</Link> },
        { label: "Reason", value: reason ?? none },
        { label: "Database", value: databaseName },
        {
          label: "Transaction",
          value: (
            <>
              <Copy text={transaction} what="transaction id" />{" "}
              <Link href={transactionHref(deletion)}>everything that it did</Link>
            </>
          ),
        },
        { label: "Rows", value: extentText(deletion) },
        { label: "Still deleted", value: openText(deletion) },
        ...(purgeAt === null ? [] : [{ label: "Kept for", value: <KeptFor purgeAt={purgeAt} /> }]),
      ]}
    />
  );
}

async function deletionOrRefusal(actor: Actor, asked: OneDeletion): Promise<Deletion | Refusal> {
  try {
    return await readDeletion(actor, asked);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return error;
    throw error;
  }
}
