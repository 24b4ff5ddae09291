import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { EmptyState, NoMatch, PartialNote, Unsupported } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { FilterBar, type FilterField } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type BackupFilter, backupFilter, backupStates, type DatabaseBackups } from "#db/backups/contract.ts";
import { backupOverview } from "#db/backups/overview.ts";
import { listBackups } from "#db/backups/read.ts";
import { listJobs } from "#db/jobs/read.ts";
import { dueReplays } from "#db/records/erasure/due.ts";
import { DueReplays } from "../deleted/erasures/due-replays.tsx";
import { BackupList } from "./backup-list.tsx";
import { DatabaseTable } from "./database-table.tsx";
import { GoneTable } from "./gone-table.tsx";
import { answerOf } from "./words.ts";

export const metadata: Metadata = { title: "Backups" };

const fields: FilterField[] = [
  {
    name: "state",
    label: "State",
    kind: "select",
    options: [{ value: "", label: "Any state" }, ...backupStates.map((state) => ({ value: state, label: state }))],
  },
];

export default async function BackupsPage({ searchParams }: PageProps<"/backups">) {
  const actor = await pageActor("backups.read");
  const filter = readFilter(await searchParams);
  const [overview, page, running, due] = await Promise.all([
    backupOverview(actor),
    listBackups(actor, filter),
    listJobs(actor, { kind: "backups.run", state: "running" }),
    settle(dueReplays(actor), "backups: erasures"),
  ]);
  const databases = overview.databases.filter(({ databaseId }) => !filter.database || databaseId === filter.database);
  const gone = overview.gone.filter(({ databaseId }) => !filter.database || databaseId === filter.database);
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value)).toString();
  return (
    <Screen title="Backups" answer={answerOf({ ...overview, databases })}>
      <DueReplays read={due} may={actor.capabilities.has("records.erase")} />
      <PartialNote silent={overview.silent.filter(({ databaseId }) => isShown(databaseId, databases))} />
      <Obstacles databases={databases} />
      {running.rows.length > 0 ? (
        <Section title="Running now">
          <div className="grid gap-4">
            {running.rows.map((job) => (
              <div key={job.id}>
                <p className="mb-1 font-medium">{job.title}</p>
                <JobProgress job={job} />
              </div>
            ))}
          </div>
        </Section>
      ) : null}
      <Section title="By database">
        <DatabaseTable databases={databases} mayRun={actor.capabilities.has("backups.run")} />
      </Section>
      {gone.length > 0 ? (
        <Section
          title="Of databases that left the fleet"
          answer="No newer ones come: where an end is set, the last one goes as well."
        >
          <GoneTable databases={gone} />
        </Section>
      ) : null}
      <Section title="All backups">
        <div className="grid gap-3">
          <FilterBar fields={fields} />
          <BackupList rows={page.rows} next={page.next} query={query} empty={<Nothing filter={filter} />} />
        </div>
      </Section>
    </Screen>
  );
}

function readFilter(params: Record<string, string | string[] | undefined>): BackupFilter {
  const parsed = backupFilter.omit({ cursor: true }).safeParse({
    database: [params.database].flat()[0] || undefined,
    state: [params.state].flat()[0] || undefined,
  });
  return parsed.success ? parsed.data : {};
}

function isShown(databaseId: string, databases: DatabaseBackups[]): boolean {
  return databases.some((database) => database.databaseId === databaseId);
}

/** What stands in the way, once for all databases that it concerns. */
function Obstacles({ databases }: { databases: DatabaseBackups[] }) {
  const byMessage = new Map<string, { fix: string | null; names: string[] }>();
  for (const { name, obstacle } of databases) {
    if (!obstacle) continue;
    const known = byMessage.get(obstacle.message) ?? { fix: obstacle.fix, names: [] };
    byMessage.set(obstacle.message, { ...known, names: [...known.names, name] });
  }
  return [...byMessage].map(([message, { fix, names }]) => (
    <Unsupported key={message} title={`${names.join(", ")} cannot be backed up from here`}>
      {message} {fix}
    </Unsupported>
  ));
}

function Nothing({ filter }: { filter: BackupFilter }) {
  if (filter.state) {
    const href = filter.database ? `/backups?database=${filter.database}` : "/backups";
    return (
      <NoMatch title="No backup is in this state" action={<LinkButton href={href}>Show every state</LinkButton>} />
    );
  }
  return (
    <EmptyState title="No backups yet">
      Each backup is a dump by PostgreSQL's own pg_dump, kept with its checksum. Start one above with the button of its
      database.
    </EmptyState>
  );
}
