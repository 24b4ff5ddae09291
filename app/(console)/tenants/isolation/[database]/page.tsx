import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, Unsupported } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { IsolationRun } from "#db/databases/isolation/contract.ts";
import { type IsolationDetail, readIsolation } from "#db/databases/isolation/read.ts";
import { type FleetDatabase, newestJobId, readDatabase } from "#db/databases/read.ts";
import { Refusal } from "#db/errors.ts";
import { isOver } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { TenantsTabs } from "../../tenants-tabs.tsx";
import { startIsolationCheck } from "../actions.ts";
import { isStale, runKind, runSentence } from "../words.ts";
import { FindingList } from "./finding-list.tsx";
import { History } from "./history.tsx";
import { RelationList } from "./relation-list.tsx";

export const metadata: Metadata = { title: "Isolation of a database" };

/** One database: what leaks, what weakens the separation, and every table with what was tried. */
export default async function DatabaseIsolationPage({ params }: PageProps<"/tenants/isolation/[database]">) {
  const actor = await pageActor("databases.read");
  const { database: id } = await params;
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id)) notFound();
  const database = await readDatabase(actor, id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const jobId = await newestJobId(actor, id, ["databases.isolation"]);
  const job = jobId ? await readJob(actor, jobId) : null;
  const detail = await readIsolation(actor, id);
  const manages = actor.capabilities.has("databases.manage");
  const button =
    manages && database.applicationRole !== null ? (
      <ActionButton
        action={startIsolationCheck}
        input={{ databaseId: id }}
        look="primary"
        disabled={job !== null && !isOver(job.state)}
      >
        Check isolation
      </ActionButton>
    ) : null;
  return (
    <Screen
      title={`Isolation of ${database.name}`}
      above={<Link href="/tenants/isolation">Isolation</Link>}
      answer={detail.run ? <Answer run={detail.run} /> : "Can one tenant reach another's rows?"}
      actions={
        <>
          <LinkButton href={`/databases/${id}`}>Database</LinkButton>
          {button}
        </>
      }
      filters={<TenantsTabs within="/tenants/isolation" />}
    >
      {job && !isOver(job.state) ? <JobProgress key={job.id} job={job} /> : null}
      <Body database={database} detail={detail} manages={manages} />
    </Screen>
  );
}

function Answer({ run }: { run: IsolationRun }) {
  return (
    <>
      <Status kind={runKind(run)}>{runSentence(run)}</Status>{" "}
      <span>
        As <code>{run.role}</code>, <When at={run.finishedAt} />.
      </span>
      {isStale(run, Date.now()) ? (
        <span className="ml-1 text-warning">
          That is as of <When at={run.finishedAt} absolute />: the nightly check did not come. Start the worker.
        </span>
      ) : null}
    </>
  );
}

function Body({ database, detail, manages }: { database: FleetDatabase; detail: IsolationDetail; manages: boolean }) {
  const { run, failure, history, findings, relations } = detail;
  if (database.applicationRole === null) {
    return (
      <Unsupported
        title="The application's role is not known"
        action={
          manages ? <LinkButton href={`/databases/${database.id}/model`}>Choose it in the model</LinkButton> : null
        }
      >
        The check acts as the role that the application connects as, and the model of {database.name} does not name it.
      </Unsupported>
    );
  }
  return (
    <>
      {failure ? <Failure failure={failure} known={run !== null} /> : null}
      {run === null && failure === null ? (
        <EmptyState title="Not checked yet">
          Two tenants&apos; sessions try to read, change, remove and plant each other&apos;s rows in every table, view
          and function, in transactions that are rolled back. It is done every night
          {manages ? ", or now" : "; an administrator can do it now"}.
        </EmptyState>
      ) : null}
      {run ? (
        <>
          {run.limits.map((limit) => (
            <p key={limit} role="status" className="rounded bg-sunken px-3 py-1.5 text-warning">
              Not everything was tried. {limit}
            </p>
          ))}
          <Section
            title="Findings"
            answer={findings.length === 0 ? "Nothing leaks, and nothing weakens the separation." : undefined}
          >
            <FindingList databaseId={database.id} findings={findings} manages={manages} />
          </Section>
          <Section title="Tables, views and functions" aside={counted(relations.length, "relation")}>
            <RelationList databaseId={database.id} relations={relations} />
          </Section>
        </>
      ) : null}
      {history.length > 1 ? (
        <Section title="Checks">
          <History runs={history} />
        </Section>
      ) : null}
    </>
  );
}

function Failure({ failure, known }: { failure: IsolationRun; known: boolean }) {
  const title = known ? "The newest check failed; what is below is from the one before" : "The check failed";
  return /^(GRANT|ALTER) /.test(failure.fix ?? "") ? (
    <Unsupported title={title} statement={failure.fix ?? ""}>
      {failure.error}
    </Unsupported>
  ) : (
    <FailedState title={title}>
      {failure.error} {failure.fix}
    </FailedState>
  );
}
