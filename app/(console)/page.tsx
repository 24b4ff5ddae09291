import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { Skeleton } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import type { Actor } from "#db/actor.ts";
import { listApprovals } from "#db/approvals/list.ts";
import { proofStandings } from "#db/audit/proof/standing.ts";
import type { BackupOverview } from "#db/backups/contract.ts";
import { backupOverview } from "#db/backups/overview.ts";
import { fleetIsolation } from "#db/databases/isolation/read.ts";
import { listFleetWithStatus } from "#db/databases/list.ts";
import type { Result } from "#db/errors.ts";
import { type FleetHealth, healthQuery } from "#db/health/contract.ts";
import { readFleetHealth } from "#db/health/read.ts";
import { listJobs } from "#db/jobs/read.ts";
import { listMoves } from "#db/moves/read.ts";
import { readServers } from "#db/placing/read.ts";
import { listDeleted } from "#db/records/bin/rows.ts";
import { deletedFilter } from "#db/records/contract.ts";
import { dueReplays } from "#db/records/erasure/due.ts";
import {
  adoptionConcerns,
  approvalConcerns,
  backupConcerns,
  byUrgency,
  type Concern,
  concernsOf,
  erasureConcerns,
  healthConcerns,
  isolationConcerns,
  jobConcerns,
  moveConcerns,
  proofConcerns,
  serverConcerns,
} from "./overview/attention.ts";
import { BackupsByAge } from "./overview/backups-by-age.tsx";
import { Concerns } from "./overview/concerns.tsx";
import { HealthByDatabase } from "./overview/health-by-database.tsx";
import { NewestDeletions } from "./overview/newest-deletions.tsx";
import { Panel } from "./overview/panel.tsx";
import { Running } from "./overview/running.tsx";

export const metadata = { title: "Overview" };

interface Scope {
  database?: string;
  tenant?: string;
}

/** What needs a person now, then the newest of each area. Every part is asked at once and shown when it answers. */
export default async function Overview({ searchParams }: { searchParams: Promise<Scope> }) {
  const actor = await pageActor("overview.read");
  const { database, tenant } = await searchParams;
  const health = settle(readFleetHealth(actor, healthQuery.catch({}).parse({ database })), "overview: health");
  const deleted = settle(
    listDeleted(actor, deletedFilter.catch({}).parse({ database, tenant }), null, 8),
    "overview: deletions",
  );
  const backups = settle(backupOverview(actor), "overview: backups");
  const running = settle(listJobs(actor, { state: "running" }), "overview: jobs");
  const concerns = readConcerns(actor, health, backups);
  return (
    <Screen
      title="Overview"
      answer={
        <Suspense fallback={<span className="breathes">Asking every database…</span>}>
          <Answer concerns={concerns} />
        </Suspense>
      }
    >
      <Section title="Needs a person now">
        <Suspense fallback={<Skeleton rows={3} label="Asking every database" />}>
          <Attention concerns={concerns} />
        </Suspense>
      </Section>
      <div className="grid items-start gap-x-8 gap-y-4 lg:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <Panel title="Newest deletions" href="/deleted" rows={8} read={deleted}>
            {(data) => <NewestDeletions page={data} />}
          </Panel>
          <Panel title="Running jobs" href="/jobs" rows={3} read={running}>
            {(data) => <Running jobs={data.rows} />}
          </Panel>
        </div>
        <div className="grid min-w-0 gap-4">
          <Panel title="Health by database" href="/performance" rows={3} read={health}>
            {(data) => <HealthByDatabase health={data} />}
          </Panel>
          <Panel title="Backups by age" href="/backups" rows={3} read={backups}>
            {(data) => <BackupsByAge overview={data} />}
          </Panel>
        </div>
      </div>
    </Screen>
  );
}

async function readConcerns(
  actor: Actor,
  health: Promise<Result<FleetHealth>>,
  backups: Promise<Result<BackupOverview>>,
): Promise<Concern[]> {
  const [state, kept, proofs, isolation, servers, adopted, jobs, moves, approvals, due] = await Promise.all([
    health,
    backups,
    settle(proofStandings(actor), "overview: proof"),
    settle(fleetIsolation(actor), "overview: isolation"),
    settle(readServers(actor), "overview: servers"),
    settle(listFleetWithStatus(actor), "overview: adoption"),
    settle(listJobs(actor, {}), "overview: failed jobs"),
    settle(listMoves(actor, { open: true }), "overview: moves"),
    settle(listApprovals(actor, { state: "open" }), "overview: approvals"),
    settle(dueReplays(actor), "overview: erasures"),
  ]);
  const answered = new Set(state.ok ? state.data.databases.map(({ databaseId }) => databaseId) : []);
  const stopped = moves.ok ? moves.data.rows.filter(({ error }) => error !== null) : [];
  const toldByMove = new Set(stopped.map(({ jobId }) => jobId));
  return byUrgency([
    ...concernsOf("Whether the logs are what was sealed is not known", "/audit/proof", proofs, (standings) =>
      proofConcerns(standings, answered, Date.now()),
    ),
    ...concernsOf("Whether tenants are kept apart is not known", "/tenants/isolation", isolation, (databases) =>
      isolationConcerns(databases, answered),
    ),
    ...concernsOf("Whether erased people are back is not known", "/deleted/erasures", due, erasureConcerns),
    ...concernsOf("How full the servers are is not known", "/tenants/servers", servers, serverConcerns),
    ...concernsOf("The databases' health is not known", "/performance", state, healthConcerns),
    ...concernsOf("The databases' drift is not known", "/databases", adopted, adoptionConcerns),
    ...concernsOf("The backups are not known", "/backups", kept, backupConcerns),
    ...concernsOf("The jobs are not known", "/jobs", jobs, ({ rows }) =>
      jobConcerns(
        rows.filter(({ id }) => !toldByMove.has(id)),
        Date.now(),
      ),
    ),
    ...concernsOf("The moves are not known", "/tenants/moves", moves, ({ rows }) => moveConcerns(rows, Date.now())),
    ...concernsOf("The approvals are not known", "/settings/approvals", approvals, ({ rows }) =>
      approvalConcerns(rows, actor.staffId),
    ),
  ]);
}

async function Answer({ concerns }: { concerns: Promise<Concern[]> }) {
  const found = await concerns;
  return found.length === 0 ? "Nothing needs a person now." : `${counted(found.length, "thing")} to look at.`;
}

async function Attention({ concerns }: { concerns: Promise<Concern[]> }) {
  return <Concerns concerns={await concerns} />;
}
