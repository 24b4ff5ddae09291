import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { DownloadButton, LinkButton } from "#components/ui/button.tsx";
import { type ExportDetail, exportReference } from "#db/audit/export/contract.ts";
import { readExport } from "#db/audit/export/list.ts";
import { publicKeys } from "#db/audit/proof/standing.ts";
import { Refusal } from "#db/errors.ts";
import { cancelJob } from "../../../jobs/actions.ts";
import { ExportFacts } from "../export-facts.tsx";
import { ExportLinks } from "../export-links.tsx";
import { formatNames, stateKinds } from "../format-words.ts";
import { HowToCheck, HowToProve } from "../how-to-check.tsx";
import { queryWords } from "../words.ts";

export const metadata: Metadata = { title: "Export" };

export default async function ExportPage({ params }: PageProps<"/audit/exports/[id]">) {
  const actor = await pageActor("audit.read");
  const parsed = exportReference.safeParse(await params);
  if (!parsed.success) notFound();
  const one = await readExport(actor, parsed.data.id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const open = one.state === "running" || one.state === "queued";
  const mayExport = actor.capabilities.has("audit.export");
  const proof = one.manifest?.proof;
  const [newestKey] = proof ? await publicKeys(actor) : [];
  return (
    <Screen
      above={<Link href="/audit/exports">Exports</Link>}
      title={`${formatNames[one.format]} export`}
      answer={<Answer one={one} query={await queryWords(one.query)} />}
      actions={
        <>
          {one.state === "ready" && mayExport ? (
            <Downloads id={one.id} beside={one.manifest?.beside !== undefined} proof={proof !== undefined} />
          ) : null}
          {open && actor.capabilities.has("jobs.cancel") ? (
            <ActionButton action={cancelJob} input={{ id: one.id }} disabled={one.job.cancelRequestedAt !== null}>
              Cancel export
            </ActionButton>
          ) : null}
          {open || !mayExport ? null : (
            <LinkButton href={one.query === "" ? "/audit/exports/new" : `/audit/exports/new?${one.query}`}>
              Export this again
            </LinkButton>
          )}
        </>
      }
    >
      {one.state === "ready" || one.state === "expired" ? null : <JobProgress job={one.job} inTitle />}
      <Section title="What it holds">
        <ExportFacts one={one} />
      </Section>
      {one.state === "ready" && mayExport ? (
        <ExportLinks
          id={one.id}
          links={one.links}
          beside={one.manifest?.beside !== undefined}
          proof={proof !== undefined}
        />
      ) : null}
      {one.state === "ready" && one.sha256 ? <HowToCheck one={one} /> : null}
      {one.state === "ready" && one.file && proof ? <HowToProve file={one.file} keyLine={newestKey} /> : null}
    </Screen>
  );
}

function Answer({ one, query }: { one: ExportDetail; query: string }) {
  return (
    <>
      <Status kind={stateKinds[one.state]}>{one.state}</Status>
      {one.rows === null ? "" : `, ${counted(Number(one.rows), "entry", "entries")}`}. Asked for by {one.actorName}{" "}
      <When at={one.requestedAt} />. {query}
    </>
  );
}

function Downloads({ id, beside, proof }: { id: string; beside: boolean; proof: boolean }) {
  return (
    <>
      <DownloadButton look="primary" href={`/api/audit/exports/${id}/download`}>
        Download export
      </DownloadButton>
      <DownloadButton href={`/api/audit/exports/${id}/download?part=manifest`}>Download manifest</DownloadButton>
      {beside ? (
        <>
          <DownloadButton href={`/api/audit/exports/${id}/download?part=ndjson`}>Download NDJSON</DownloadButton>
          <DownloadButton href={`/api/audit/exports/${id}/download?part=ndjson-manifest`}>Its manifest</DownloadButton>
        </>
      ) : null}
      {proof ? (
        <DownloadButton href={`/api/audit/exports/${id}/download?part=proof`}>Download proof</DownloadButton>
      ) : null}
    </>
  );
}
