import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Forbidden } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Screen } from "#components/page/screen.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import type { Actor } from "#db/actor.ts";
import { rolesWith } from "#db/capabilities.ts";
import { Refusal } from "#db/errors.ts";
import type { JobView } from "#db/jobs/contract.ts";
import { isOver } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { openCertificate } from "#db/records/erasure/certificate.ts";
import { type ErasurePlan, type ErasureRecord, erasureReference } from "#db/records/erasure/contract.ts";
import { listChecks, readErasure } from "#db/records/erasure/list.ts";
import { readErasurePlan } from "#db/records/erasure/plan/read.ts";
import { cameTo, planAnswer, stateKind, stateWords } from "../words.ts";
import { CertificateView } from "./certificate-view.tsx";
import { Checks } from "./checks.tsx";
import { ErasureFacts } from "./erasure-facts.tsx";
import { DoneActions, GoOn, PlanActions } from "./panels.tsx";
import { PlanScreen } from "./plan-screen.tsx";

export const metadata: Metadata = { title: "Erasure" };

/** One person: the search, then the plan, then the run, then the certificate. Printed, the last is the certificate alone. */
export default async function Erasure({ params }: { params: Promise<{ id: string }> }) {
  const actor = await pageActor("records.read");
  const parsed = erasureReference.safeParse(await params);
  if (!parsed.success) notFound();
  const record = await recordOf(actor, parsed.data.id);
  const may = actor.capabilities.has("records.erase");
  const plan = may && record.state === "found" ? await readErasurePlan(actor, record.id) : null;
  const job = await jobOf(actor, record);
  const certificate = record.certificate === null ? null : await openCertificate(record.certificate);
  return (
    <Screen
      above={<Link href="/deleted/erasures">Erasures</Link>}
      title={certificate ? `Certificate of erasure: ${record.subject}` : `Erasure of ${record.subject}`}
      answer={
        <>
          <Status kind={stateKind(record)}>{stateWords(record)}</Status>. {answer(record, plan)}
        </>
      }
      actions={
        !may ? null : certificate ? (
          <DoneActions id={record.id} />
        ) : record.state === "found" || (record.state === "finding" && job !== null && isOver(job.state)) ? (
          <PlanActions record={record} plan={plan} />
        ) : null
      }
    >
      {job === null || (isOver(job.state) && job.state !== "failed") ? null : <JobProgress job={job} />}
      {record.state === "running" && job !== null && isOver(job.state) && may ? <GoOn id={record.id} /> : null}
      <ErasureFacts record={record} />
      {plan ? <PlanScreen record={record} plan={plan} /> : null}
      {certificate ? <CertificateView certificate={certificate} /> : null}
      {certificate ? <Checks checks={await listChecks(actor, record.id)} /> : null}
      {may || certificate ? null : (
        <Forbidden capability="records.erase" holders={rolesWith("records.erase").join(" or ")} />
      )}
    </Screen>
  );
}

function answer(record: ErasureRecord, plan: ErasurePlan | null): string {
  return plan && record.error === null ? planAnswer(plan) : cameTo(record);
}

async function recordOf(actor: Actor, id: string): Promise<ErasureRecord> {
  try {
    return await readErasure(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

/** The job that is at work on it, or was. */
async function jobOf(actor: Actor, { state, findJob, runJob }: ErasureRecord): Promise<JobView | null> {
  if (state === "finding" && findJob !== null) return readJob(actor, findJob);
  return state === "running" && runJob !== null ? readJob(actor, runJob) : null;
}
