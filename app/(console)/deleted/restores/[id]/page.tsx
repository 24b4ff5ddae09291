import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Status } from "#components/feedback/status.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { When } from "#components/time/when.tsx";
import { DownloadButton, LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { Refusal } from "#db/errors.ts";
import { readJob } from "#db/jobs/read.ts";
import { type ReportQuery, type RestoreReport, reportQuery } from "#db/records/restore/contract.ts";
import { readRestore } from "#db/records/restore/report/read.ts";
import { planHref, reportHref } from "../../addresses.ts";
import { came, stateKind, titleOf } from "../words.ts";
import { PrintButton } from "./print-button.tsx";
import { ReportFacts } from "./report-facts.tsx";
import { ReportRows, ReportTables } from "./report-rows.tsx";

export const metadata: Metadata = { title: "Restore" };

interface ReportProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The report of a restore: what came back, and the proof of every row. Printed, it is black on white with its filter and time. */
export default async function Report({ params, searchParams }: ReportProps) {
  const actor = await pageActor("records.read");
  const parsed = reportQuery.safeParse({ ...(await searchParams), ...(await params) });
  if (!parsed.success) notFound();
  const report = await reportOf(actor, parsed.data);
  const job = report.job === null || report.state !== "running" ? null : await readJob(actor, report.job);
  const undo = report.undoUntil !== null && actor.capabilities.has("records.restore");
  return (
    <Screen
      above={<Link href="/deleted/restores">Restores</Link>}
      title={titleOf(report)}
      answer={<Status kind={stateKind(report)}>{came(report)}</Status>}
      actions={
        <>
          <PrintButton />
          <DownloadButton href={`/api/deleted/restores/${report.id}?format=csv`}>CSV</DownloadButton>
          <DownloadButton href={`/api/deleted/restores/${report.id}?format=json`}>JSON</DownloadButton>
          {undo ? (
            <LinkButton href={planHref({ database: report.database, undo: report.id })}>Plan the undo</LinkButton>
          ) : null}
        </>
      }
    >
      {report.undoneBy === null ? null : (
        <p role="status">
          <Status kind="neutral">
            It was taken back: <Link href={reportHref(report.undoneBy)}>report of the undo</Link>.
          </Status>
        </p>
      )}
      {report.error === null || report.state === "failed" ? null : <p className="text-warning">▲ {report.error}</p>}
      {job === null ? null : <JobProgress job={job} />}
      <ReportFacts report={report} />
      <Section title="Tables">
        <ReportTables tables={report.tables} />
      </Section>
      <Section
        title="Rows"
        answer="Each hash is of the row over all columns that no choice changed, as it was and as it stood after the restore. Equal hashes are equal rows."
      >
        <ReportRows report={report} />
        {report.next === null ? null : (
          <div className="mt-2" data-chrome="">
            <LinkButton small href={`${reportHref(report.id)}?after=${report.next}`}>
              Next rows
            </LinkButton>
          </div>
        )}
      </Section>
      <p className="text-faint text-xs">
        Read <When at={new Date().toISOString()} absolute />.
      </p>
    </Screen>
  );
}

async function reportOf(actor: Actor, query: ReportQuery): Promise<RestoreReport> {
  try {
    return await readRestore(actor, query);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
