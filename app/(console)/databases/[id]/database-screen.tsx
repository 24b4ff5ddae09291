import Link from "next/link";
import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import type { Actor } from "#db/actor.ts";
import type { Capability } from "#db/capabilities.ts";
import { type FleetDatabase, newestJobId, readDatabase } from "#db/databases/read.ts";
import { Refusal } from "#db/errors.ts";
import type { JobView } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";

/** The database that a screen below /databases/[id] is about, read once a request. */
export const databaseOf = cache(
  async (capability: Capability, id: string): Promise<{ actor: Actor; database: FleetDatabase }> => {
    const actor = await pageActor(capability);
    if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id)) notFound();
    try {
      await jobOf(actor, id);
      return { actor, database: await readDatabase(actor, id) };
    } catch (error) {
      if (error instanceof Refusal && error.code === "not_found") notFound();
      throw error;
    }
  },
);

/** The database's newest job, read before the rest: where it is over by then, the rest already shows what it did. */
const jobOf = cache(async (actor: Actor, databaseId: string): Promise<JobView | null> => {
  const jobId = await newestJobId(actor, databaseId);
  return jobId ? readJob(actor, jobId) : null;
});

interface DatabaseScreenProps {
  actor: Actor;
  database: FleetDatabase;
  /** Whether something of Caretaker stands in it though it is not adopted, and can be taken out. */
  begun?: boolean;
  answer: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** Title, tabs and what is under way: the same on every screen of one database. */
export async function DatabaseScreen({
  actor,
  database,
  begun = false,
  answer,
  actions,
  children,
}: DatabaseScreenProps) {
  const base = `/databases/${database.id}`;
  const manages = actor.capabilities.has("databases.manage");
  const job = await jobOf(actor, database.id);
  const tabs = [
    { href: base, label: "Status" },
    ...(manages ? [{ href: `${base}/model`, label: "Model" }] : []),
    { href: `${base}/plan`, label: "Plan" },
    { href: `/tenants/isolation/${database.id}`, label: "Isolation" },
    ...(manages && (database.adoptedAt || begun) ? [{ href: `${base}/removal`, label: "Removal" }] : []),
  ];
  return (
    <Screen title={database.name} answer={answer} actions={actions} above={<Above serverName={database.serverName} />}>
      <LinkTabs label="Parts of this database" tabs={tabs} />
      {job ? (
        <div className="rounded bg-sunken px-3 py-2">
          <p className="mb-1 font-medium">
            <Link href={`/jobs/${job.id}`}>{job.title}</Link>
          </p>
          <JobProgress key={job.id} job={job} />
        </div>
      ) : null}
      {children}
    </Screen>
  );
}

function Above({ serverName }: { serverName: string }) {
  return (
    <>
      <Link href="/databases">Databases</Link> on {serverName}
    </>
  );
}
